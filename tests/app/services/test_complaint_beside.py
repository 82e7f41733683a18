"""A complaint beside other requests, on the real services: joined, released, in dispute."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.models import Interaction, ServiceRequest
from app.services.casework import linked, links, messages, requests
from tests.app.services.incidents import hear, tokens
from tests.app.services.story import (
    actor,
    bring_to,
    do,
    fire,
    kinds_of,
    open_tasks,
    run_service_jobs,
    standing_faults,
    submit,
)
from tests.support.clock import MovingClock


def answer(request: ServiceRequest, word: str, clock: MovingClock, reason: str = "") -> None:
    customer = messages.customer_actor(request)
    messages.answer_as_customer(request, word, reason, customer, clock())
    run_service_jobs(request, clock())


def join(child: ServiceRequest, number: str, clock: MovingClock) -> None:
    """Intake finds the complaint to be the same as another one."""
    do(child, "assess", "narges", clock(), kind="duplicate")
    do(
        child, "hand_over", "narges", clock(), handed_to="Complaints handling",
        other_number=number, handed_over_because="Somebody else told us the same.",
    )  # fmt: skip


def decide(request: ServiceRequest, clock: MovingClock) -> None:
    """The shortest way to the customer's answer."""
    bring_to(request, "propose_remedy", clock())
    do(request, "propose_remedy", "sara", clock())


def write_letters(session: Session, clock: MovingClock) -> list[int]:
    """Write what was queued for the customers of other requests; to whom."""
    query = "SELECT args FROM procrastinate_jobs WHERE task_name = 'tell_customer' ORDER BY id"
    told = list(session.scalars(text(query)))
    for args in told:
        linked.write(args["request_id"], args["template"], args["variables"], clock())
    return [args["request_id"] for args in told]


def said(session: Session, request: ServiceRequest) -> list[str]:
    query = select(Interaction.body).where(Interaction.request_id == request.id)
    return list(session.scalars(query.order_by(Interaction.id)))


def pair(clock: MovingClock) -> tuple[ServiceRequest, ServiceRequest]:
    """An original and one that is joined to it."""
    original, joined = submit(clock(), language="en"), submit(clock(), language="en")
    join(joined, original.number, clock)
    hear(clock())
    return original, joined


def test_who_is_joined_hears_the_decision_and_is_settled_too(
    session: Session, clock: MovingClock
) -> None:
    original, joined = pair(clock)
    assert links.children(original.id) == [joined.id]
    assert tokens(joined, clock()) == ["original_ended"]
    decide(original, clock)
    assert write_letters(session, clock) == [joined.id]
    assert "We put it right." in said(session, joined)[-1]
    answer(original, "accept", clock)
    do(original, "carry_out_remedy", "sara", clock())
    hear(clock())
    run_service_jobs(joined, clock())
    assert (joined.status, joined.outcome) == ("closed", "settled_together")
    assert (original.status, original.outcome) == ("closed", "accepted")


def test_a_withdrawn_original_releases_who_is_joined(session: Session, clock: MovingClock) -> None:
    original, joined = pair(clock)
    customer = messages.customer_actor(original)
    messages.withdraw_as_customer(original, "Never mind.", customer, clock())
    run_service_jobs(original, clock())
    hear(clock())
    assert list(open_tasks(joined)) == ["assess"]
    assert joined.is_open


def test_a_settled_original_is_not_waited_for(session: Session, clock: MovingClock) -> None:
    original = submit(clock())
    decide(original, clock)
    answer(original, "accept", clock)
    do(original, "carry_out_remedy", "sara", clock())
    late = submit(clock())
    join(late, original.number, clock)
    assert (late.status, late.outcome) == ("closed", "handed_over")
    assert links.children(original.id) == [late.id]


def test_a_wrong_number_is_set_right_by_hand(session: Session, clock: MovingClock) -> None:
    request = submit(clock())
    join(request, "R-999999", clock)
    assert list(open_tasks(request)) == ["correct_link"]
    assert standing_faults(request) == []
    do(request, "correct_link", "narges", clock(), link_note="Linked by hand.")
    assert request.outcome == "handed_over"


def test_an_incident_is_opened_for_what_is_no_complaint(
    session: Session, clock: MovingClock
) -> None:
    request = submit(clock())
    do(request, "assess", "narges", clock(), kind="incident")
    do(
        request, "hand_over", "narges", clock(), handed_to="Service desk", open_as="incident",
        handed_over_because="It is a fault.",
    )  # fmt: skip
    [opened] = links.of_request(request, actor("maryam"))
    assert (opened.request.service, opened.direction) == ("incident", "child")
    assert request.outcome == "handed_over"


def disputed(clock: MovingClock) -> tuple[ServiceRequest, ServiceRequest]:
    """A complaint whose customer objected twice, and the dispute that it opened."""
    request = submit(clock(), language="en")
    decide(request, clock)
    answer(request, "object", clock, "I want my money.")
    do(
        request, "review_again", "reza", clock(),
        review_result="upheld", review_explanation="A repair is better.",
    )  # fmt: skip
    answer(request, "object", clock, "I do not accept that.")
    [found] = links.of_request(request, actor("maryam"))
    dispute = requests.find(found.request.number, actor("maryam"))
    run_service_jobs(dispute, clock())
    return request, dispute


RESOLVER: dict[str, Any] = {
    "resolver": "mediator", "resolver_name": "Mediation House", "resolver_email": "m@example.org",
    "method": "facilitative", "file_summary": "Two repairs failed.",
}  # fmt: skip
RESOLUTION: dict[str, Any] = {
    "next_step": "resolution", "resolution": "Half of the price.", "dispute_remedy": "refund",
}  # fmt: skip


def test_a_dispute_settles_the_complaint_that_it_came_from(
    session: Session, clock: MovingClock
) -> None:
    request, dispute = disputed(clock)
    assert (dispute.service, dispute.kind, dispute.language) == ("dispute", "dispute", "en")
    assert tokens(request, clock()) == ["await_dispute"]
    assert (request.status, request.waits_for) == ("waiting", "partner")
    do(dispute, "choose_resolver", "sara", clock(), **RESOLVER)
    do(dispute, "follow_resolver", "sara", clock(), **RESOLUTION)
    do(dispute, "we_accept", "maryam", clock(), we_accept="yes")
    answer(dispute, "accept", clock)
    do(dispute, "carry_out", "sara", clock(), done_on="2026-05-02", done="Paid.")
    hear(clock())
    run_service_jobs(request, clock())
    assert (dispute.status, dispute.outcome) == ("closed", "settled")
    assert (request.status, request.outcome) == ("closed", "settled_outside")
    assert "Paid." in said(session, request)[-1]
    do(dispute, "draw_lessons", "babak", clock(), lessons="Offer it sooner.")
    assert "process_completed" in kinds_of(dispute)


def test_an_unsettled_dispute_leaves_the_complaint_unsettled(
    session: Session, clock: MovingClock
) -> None:
    request, dispute = disputed(clock)
    do(dispute, "choose_resolver", "sara", clock(), **RESOLVER)
    do(dispute, "follow_resolver", "sara", clock(), **RESOLUTION)
    do(dispute, "we_accept", "maryam", clock(), we_accept="yes")
    fire(dispute, "customer_silent", clock)
    hear(clock())
    run_service_jobs(request, clock())
    assert (dispute.outcome, request.outcome) == ("not_settled", "not_settled")
    assert "without a settlement" in said(session, request)[-1]
