"""An incident's life on the real services: matched, escalated, resolved together, reopened."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access import SYSTEM
from app.models import Interaction, ServiceJob, ServiceRequest
from app.services.casework import assets, links, messages, problems, requests
from app.services.execution import listening, processes, service_jobs, timers
from app.services.service_levels import promises
from tests.app.services.incidents import (
    categorise,
    diagnose_next,
    hang_on,
    hear,
    report,
    solve,
    tokens,
)
from tests.app.services.story import (
    actor,
    do,
    instance_of,
    kinds_of,
    open_tasks,
    run_service_jobs,
    standing_faults,
    timers_of,
)
from tests.support.clock import MovingClock


def answer(request: ServiceRequest, word: str, clock: MovingClock, reason: str = "") -> None:
    customer = messages.customer_actor(request)
    messages.answer_as_customer(request, word, reason, customer, clock())


def said(session: Session, request: ServiceRequest) -> list[str]:
    query = select(Interaction.subject).where(Interaction.request_id == request.id)
    return [one or "" for one in session.scalars(query.order_by(Interaction.id))]


def test_it_is_resolved_and_confirmed(session: Session, clock: MovingClock) -> None:
    request = report(clock())
    diagnose_next(request, clock.move(minutes=20))
    assert open_tasks(request)["diagnose"].candidate_groups == ["infrastructure"]
    assert (request.priority, request.stage) == ("normal", "diagnosis")
    solve(request, clock.move(hours=1))
    assert (request.stage, request.status, request.waits_for) == ("resolved", "waiting", "customer")
    answer(request, "accept", clock)
    run_service_jobs(request, clock())
    assert (request.status, request.outcome, request.stage) == ("closed", "confirmed", "closed")
    assert standing_faults(request) == []


def test_a_refusal_goes_back_and_the_clock_goes_on(session: Session, clock: MovingClock) -> None:
    request = report(clock())
    diagnose_next(request, clock())
    solve(request, clock.move(hours=1))
    paused = {one.metric: one for one in promises.of_request(request, clock.move(hours=1))}
    assert paused["resolution"].state == "paused"
    answer(request, "object", clock, "Still down.")
    assert list(open_tasks(request)) == ["categorise"]
    going = {one.metric: one for one in promises.of_request(request, clock())}
    assert going["resolution"].state == "on_track"
    assert going["resolution"].remaining == paused["resolution"].remaining


def test_silence_closes_it_and_it_may_be_reopened(session: Session, clock: MovingClock) -> None:
    request = report(clock())
    diagnose_next(request, clock())
    solve(request, clock())
    silence = timers_of(request)["silence"]
    clock.now = silence.due_at
    timers.fire(silence.id, clock())
    run_service_jobs(request, clock())
    assert (request.status, request.outcome) == ("closed", "not_answered")
    customer = messages.customer_actor(request)
    requests.reopen(request, customer, clock.move(days=1), "It is back.")
    assert request.status == "open"
    assert "categorise" in open_tasks(request)
    assert "request_reopened" in kinds_of(request)


def test_a_duplicate_is_resolved_once_with_its_original(
    session: Session, clock: MovingClock
) -> None:
    parent, child = report(clock()), report(clock(), subject="No internet")
    diagnose_next(parent, clock())
    hang_on(child, parent, clock())
    assert tokens(child, clock()) == ["await_parent"]
    assert "Others reported the same" in said(session, child)[1]
    solve(parent, clock.move(hours=1))
    job = session.scalars(select(ServiceJob).where(ServiceJob.element == "resolve_children")).one()
    assert service_jobs.begin(job.id, clock()) == []
    assert hear(clock()) == 1
    run_service_jobs(child, clock())
    assert (child.stage, child.waits_for) == ("resolved", "customer")
    variables = processes.inspect(instance_of(child)).variables
    assert variables["resolution"] == "Switched on."
    resolved = [line for line in said(session, child) if line.startswith("Is it solved")]
    assert len(resolved) == 1
    answer(child, "object", clock, "Not here.")
    assert "categorise" in open_tasks(child)
    answer(parent, "accept", clock)
    assert not child.closed_at


def test_who_is_linked_too_late_is_resolved_at_once(session: Session, clock: MovingClock) -> None:
    parent, child = report(clock()), report(clock())
    diagnose_next(parent, clock())
    solve(parent, clock())
    hang_on(child, parent, clock())
    assert tokens(child, clock()) == ["await_confirmation"]


def test_duplicates_go_on_when_their_original_is_withdrawn(
    session: Session, clock: MovingClock
) -> None:
    parent, child = report(clock()), report(clock())
    diagnose_next(parent, clock())
    hang_on(child, parent, clock())
    tokens(child, clock())
    customer = messages.customer_actor(parent)
    messages.withdraw_as_customer(parent, "Solved itself.", customer, clock())
    run_service_jobs(parent, clock())
    assert (parent.status, parent.outcome) == ("closed", "withdrawn")
    hear(clock())
    assert "categorise" in open_tasks(child)


def test_a_major_incident_keeps_everybody_told(session: Session, clock: MovingClock) -> None:
    parent, child = report(clock()), report(clock())
    diagnose_next(parent, clock(), impact="high", urgency="high")
    assert parent.priority == "urgent"
    hang_on(child, parent, clock())
    tokens(child, clock())
    do(parent, "name_owner", "maryam", clock(), bridge_owner="kian", news="We look for it.")
    first = timers_of(parent)["every_half_hour"]
    assert first.due_at > clock()
    for _ in range(2):
        timer = timers_of(parent)["every_half_hour"]
        clock.now = timer.due_at
        timers.fire(timer.id, clock())
        run_service_jobs(parent, clock())
    assert sum(line.startswith("Where we stand") for line in said(session, parent)) == 2
    assert hear(clock()) == 2
    done = {"restored": "yes", "resolution": "A new router.", "cause_known": "no"}
    do(parent, "lead_bridge", "kian", clock(), **done)
    assert "every_half_hour" not in timers_of(parent)
    answer(parent, "accept", clock)
    run_service_jobs(parent, clock())
    assert "review_major" in open_tasks(parent)


def test_it_is_handed_from_group_to_group(session: Session, clock: MovingClock) -> None:
    request = report(clock())
    diagnose_next(request, clock())
    do(request, "diagnose", "kian", clock(), next_step="escalate", to_group="applications")
    assert open_tasks(request)["diagnose"].candidate_groups == ["applications"]
    do(request, "diagnose", "arash", clock(), next_step="escalate", to_group="servicedesk")
    assert open_tasks(request)["diagnose"].candidate_groups == ["servicedesk"]


def test_a_partner_answers_by_message(session: Session, clock: MovingClock) -> None:
    request = report(clock())
    diagnose_next(request, clock())
    asked = {"partner_email": "noc@example.com", "partner_question": "Is the line down?"}
    do(request, "diagnose", "kian", clock(), next_step="ask_partner", **asked)
    assert (request.status, request.waits_for) == ("waiting", "partner")
    told = {"partner_answer": "Repaired by five."}
    assert listening.deliver("partner_answered", request, told, SYSTEM, clock())
    assert request.status == "open"


def test_a_problem_is_recorded_and_known_to_the_next(session: Session, clock: MovingClock) -> None:
    router = assets.add({"en": "Router", "fa": "مسیریاب"}, "network", "high", clock())
    first = report(clock())
    diagnose_next(first, clock(), asset=router.number)
    solve(first, clock(), cause_known="no", cause=None)
    answer(first, "accept", clock)
    run_service_jobs(first, clock())
    do(
        first, "record_problem", "kian", clock(), problem_choice="new",
        problem_title="The router hangs", workaround="Switch it off and on.",
    )  # fmt: skip
    [problem] = problems.of_request(first.id)
    assert (problem.status, problem.asset_id) == ("known_error", router.id)
    assert problems.incidents_of(problem, actor("kian")) == [first]

    second = report(clock.move(days=1))
    categorise(second, clock(), asset=router.number)
    run_service_jobs(second, clock())
    variables = processes.inspect(instance_of(second)).variables
    assert variables["recurrence"] is True
    assert problem.number in variables["known_errors_text"]
    do(second, "match", "neda", clock(), matched="known_error", known_error=problem.number)
    assert "A way around it for now" in said(session, second)[-1]
    assert problems.of_request(second.id) == [problem]


def test_what_is_confidential_is_offered_to_nobody(session: Session, clock: MovingClock) -> None:
    secret = report(clock(), data={"affected_service": "network", "affected": "me",
                                   "work_stopped": "no", "confidential": True})  # fmt: skip
    secret.named_users = [actor("neda").id or 0]
    categorise(secret, clock())
    plain = report(clock())
    categorise(plain, clock())
    run_service_jobs(plain, clock())
    assert processes.inspect(instance_of(plain)).variables["similar"] == []
    links.link(plain, secret, links.RELATED, SYSTEM, clock())
    assert links.of_request(plain, actor("kian")) == []
    assert [one.request for one in links.of_request(plain, actor("neda"))] == [secret]


@pytest.mark.parametrize("language", ["fa", "en"])
def test_no_letter_lacks_a_word(session: Session, clock: MovingClock, language: str) -> None:
    request = report(clock(), language=language)
    diagnose_next(request, clock())
    for step in (
        {"next_step": "workaround", "workaround": "Use the phone."},
        {"next_step": "ask_customer", "question": "Is the light on?"},
    ):
        do(request, "diagnose", "kian", clock(), **step)
    customer = messages.customer_actor(request)
    messages.say_as_customer(request, "No.", customer, clock(), channel="portal")
    solve(request, clock())
    answer(request, "accept", clock)
    run_service_jobs(request, clock())
    assert standing_faults(request) == []
    assert request.status == "closed"
    assert len(said(session, request)) == 6
