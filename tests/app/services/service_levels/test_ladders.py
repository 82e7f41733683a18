"""What the steps of a ladder do: tell, hand on, raise, signal; what fails holds up nothing."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

import bpmn
from app.access import SYSTEM
from app.models import Contact, Delivery, Group, Interaction, ProcessInstance, User
from app.services.accounts import people
from app.services.desk import tasks
from app.services.execution import agreement, processes
from app.services.sending import no_contact
from app.services.service_levels import promise_letters, promises, sla_writing
from app.services.service_levels.escalations import _raised as escalations_raised
from tests.app.services.service_levels.climbing import (
    LADDER,
    climb_all,
    clock_of,
    escalations,
    moment_of,
    use_ladder,
)
from tests.app.services.story import (
    actor,
    bring_to,
    do,
    instance_of,
    kinds_of,
    run_service_jobs,
    submit,
)
from tests.support.clock import MovingClock


def test_a_broken_promise_is_noted_once(session: Session, clock: MovingClock) -> None:
    request = submit(clock())
    clock.move(days=60)
    climb_all(session, clock())
    assert kinds_of(request).count("promise_broken") == 4
    assert climb_all(session, clock()) == 0
    assert kinds_of(request).count("promise_broken") == 4
    assert {clock.done.get("broken") for clock in promises.clocks_of(request.id).values()} - {None}


def test_the_shipped_ladder_tells_more_people_each_time(
    session: Session, clock: MovingClock
) -> None:
    for person in session.scalars(select(User)):
        person.email = f"{person.login}@example.com"
    request = submit(clock())
    task = bring_to(request, "check_facts", clock())
    tasks.claim(task.id, actor("reza"), clock())
    told = []
    for step in ("half", "at_risk", "due", "day_late"):
        resolution = clock_of(request, "resolution")
        assert resolution.next_step in (step, "broken")
        instant = moment_of(session, resolution, step)
        clock.now = max(clock.now, instant)
        before = set(session.scalars(select(Delivery.id)))
        climb_all(session, clock())
        new = select(Delivery.recipient).where(
            Delivery.id.not_in(before), Delivery.subject.contains("Resolution")
        )
        told.append(sorted(one.partition("@")[0] for one in session.scalars(new)))
    heads = sorted(one.login for one in people.managers())
    assert told == [["reza"], ["leila", "reza", "sara"], heads, ["maryam"]]
    done = [one["step"] for one in escalations(session, request) if one["metric"] == "resolution"]
    assert done == ["half", "at_risk", "due", "day_late"]
    assert request.priority == "normal"


def test_work_that_nobody_has_taken_is_told_to_its_group(
    session: Session, clock: MovingClock
) -> None:
    for person in session.scalars(select(User)):
        person.email = f"{person.login}@example.com"
    request = submit(clock())
    run_service_jobs(request, clock())
    clock.now = moment_of(session, clock_of(request, "resolution"), "half")
    climb_all(session, clock())
    [told] = [one for one in escalations(session, request) if one["metric"] == "resolution"]
    assert [name["en"] for name in told["did"][0]["people"]] == ["Narges", "Omid"]
    assert told["did"][0]["letters"] == 2


def test_a_confidential_request_is_told_to_those_alone_who_may_see_it(
    session: Session, clock: MovingClock
) -> None:
    for person in session.scalars(select(User)):
        person.email = f"{person.login}@example.com"
    request = submit(clock(), data={"about": "staff", "confidential": True})
    run_service_jobs(request, clock())
    clock.now = moment_of(session, clock_of(request, "resolution"), "half")
    climb_all(session, clock())
    [told] = [one for one in escalations(session, request) if one["metric"] == "resolution"]
    heads = [one.names for one in people.managers()]
    assert told["did"][0]["people"] == heads


@pytest.mark.parametrize("barred", [("narges",), ("narges", "omid")])
def test_who_wants_nothing_sent_is_not_named_among_those_who_were_told(
    session: Session, clock: MovingClock, barred: tuple[str, ...]
) -> None:
    for person in session.scalars(select(User)):
        person.email = f"{person.login}@example.com"
    for login in barred:
        no_contact.bar("email", f"{login}@example.com", "asked", SYSTEM, clock())
    request = submit(clock())
    run_service_jobs(request, clock())
    clock.now = moment_of(session, clock_of(request, "resolution"), "half")
    climb_all(session, clock())
    [told] = [one for one in escalations(session, request) if one["metric"] == "resolution"]
    # Where nobody of the group is left, its managers are told.
    wanted = ["Omid"] if len(barred) == 1 else [one.names["en"] for one in people.managers()]
    assert [name["en"] for name in told["did"][0]["people"]] == wanted
    assert told["did"][0]["letters"] == len(wanted)


def test_raising_the_priority_reaches_the_process_and_the_clocks(
    session: Session, clock: MovingClock
) -> None:
    use_ladder('{raise_priority = "+1"}', clock())
    request = submit(clock())
    bring_to(request, "check_facts", clock())
    assert request.priority == "low"
    before = clock_of(request, "first_response").target_seconds
    clock.now = moment_of(session, clock_of(request, "resolution"), "first")
    climb_all(session, clock())
    assert request.priority == "normal"
    assert processes.inspect(instance_of(request)).variables["priority"] == "normal"
    assert clock_of(request, "first_response").target_seconds <= before
    [did] = [one["did"] for one in escalations(session, request) if one["step"] == "first"]
    assert did == [{"action": "raise_priority", "to": ["+1"], "priority": "normal", "raised": True}]


def test_a_priority_is_raised_and_never_lowered(session: Session, clock: MovingClock) -> None:
    assert [escalations_raised(now, "+1") for now in ("low", "normal", "high", "urgent")] == [
        "normal", "high", "urgent", "urgent"
    ]  # fmt: skip
    assert escalations_raised("urgent", "high") == "urgent"
    assert escalations_raised("low", "high") == "high"


def test_work_is_passed_on_to_a_group_and_the_tables_still_agree(
    session: Session, clock: MovingClock
) -> None:
    use_ladder('{reassign = "group:managers"}', clock())
    request = submit(clock())
    task = bring_to(request, "check_facts", clock())
    tasks.claim(task.id, actor("reza"), clock())
    clock.now = moment_of(session, clock_of(request, "resolution"), "first")
    climb_all(session, clock())
    session.refresh(task)
    assert (task.candidate_groups, task.assignee_id) == (["managers"], None)
    assert agreement.compare(instance_of(request)) == []
    assert do(request, "check_facts", "maryam", clock()).completed_by == actor("maryam").id


def test_work_is_passed_on_to_a_person(session: Session, clock: MovingClock) -> None:
    use_ladder('{reassign = "user:leila"}', clock())
    request = submit(clock())
    task = bring_to(request, "check_facts", clock())
    clock.now = moment_of(session, clock_of(request, "resolution"), "first")
    climb_all(session, clock())
    session.refresh(task)
    assert task.assignee_id == actor("leila").id
    [told] = [one for one in escalations(session, request) if one["step"] == "first"]
    assert (told["did"][0]["names"]["en"], told["did"][0]["tasks"]) == ("Leila", 1)


def test_a_signal_a_message_and_a_process(session: Session, clock: MovingClock) -> None:
    use_ladder('{signal = "hurry"}, {message = "hurry"}, {start_process = "complaint"}', clock())
    request = submit(clock())
    clock.now = moment_of(session, clock_of(request, "resolution"), "first")
    climb_all(session, clock())
    told = next(e for e in escalations(session, request) if e["metric"] == "resolution")
    signal, message, process = told["did"]
    assert (signal["reached"], message["heard"]) == (0, False)
    begun = session.get_one(ProcessInstance, process["instance"])
    assert begun.request_id is None
    facts = processes.inspect(begun).variables["escalation"]
    assert (facts["request"], facts["promise"]) == (request.number, "resolution")


def test_what_cannot_be_done_is_told_and_holds_up_nothing(
    session: Session, clock: MovingClock
) -> None:
    use_ladder('{reassign = "user:leila"}, {raise_priority = "urgent"}', clock())
    people.deactivate(people.by_login("leila"))
    session.execute(text("UPDATE staff_user SET login = 'lost' WHERE login = 'leila'"))
    session.expire_all()
    request = submit(clock())
    clock.now = moment_of(session, clock_of(request, "resolution"), "first")
    climb_all(session, clock())
    told = next(e for e in escalations(session, request) if e["metric"] == "resolution")
    assert set(told["did"][0]["failed"]) == {"fa", "en"}
    assert request.priority == "urgent"


def test_what_the_engine_refuses_is_told_and_holds_up_nothing(
    session: Session, clock: MovingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_ladder('{start_process = "complaint"}, {raise_priority = "urgent"}', clock())
    request = submit(clock())
    clock.now = moment_of(session, clock_of(request, "resolution"), "first")

    def refuse(*_: object, **__: object) -> None:
        raise bpmn.UnknownKey

    monkeypatch.setattr(processes, "start", refuse)
    climb_all(session, clock())
    told = next(e for e in escalations(session, request) if e["metric"] == "resolution")
    assert set(told["did"][0]["failed"]) == {"fa", "en"}
    assert request.priority == "urgent"


def program_of_the_desk(session: Session) -> None:
    """Programs have no address, and may be in every group."""
    names, groups = {"fa": "سامانه", "en": "Robot"}, session.scalars(select(Group.key)).all()
    roles = ["integration", "staff"]
    people.add_user("robot", names, datetime.now(UTC), roles=roles, groups=groups)


@pytest.mark.parametrize(("place", "word"), [("10%", "You can expect it by"), ("+PT1H", "sorry")])
def test_a_customer_gets_a_letter_for_customers_and_is_named_among_those_told(
    session: Session, clock: MovingClock, place: str, word: str
) -> None:
    source = LADDER.replace('"50%"', f'"{place}"').replace(
        "ACTIONS", '{notify = ["customer", "group"], template = "promise-half"}'
    )
    sla_writing.save("ladder", "complaint", source, actor("admin"), clock())
    for person in session.scalars(select(User)):
        person.email = f"{person.login}@example.com"
    program_of_the_desk(session)
    request = submit(clock(), customer=Contact("Eva Lind", email="eva@example.com"), language="en")
    clock.now = moment_of(session, clock_of(request, "resolution"), "first")
    climb_all(session, clock())
    letters = session.scalars(select(Delivery).order_by(Delivery.id)).all()
    [mine] = [one for one in letters if one.recipient == "eva@example.com"]
    assert word in mine.body
    assert "We do what we promised and settle the matter" in mine.body
    assert f"/portal/track/{request.tracking_code}" in mine.body
    assert "/requests/" not in mine.body
    assert "Resolution" not in mine.body
    staff = [f"{one.subject} {one.body}" for one in letters if "Resolution" in one.subject]
    assert staff
    assert not any("half" in letter.lower() for letter in [mine.body, *staff])
    told = next(e for e in escalations(session, request) if e["metric"] == "resolution")
    named = [name["en"] for name in told["did"][0]["people"]]
    assert "Eva Lind" in named
    assert "Robot" not in named
    assert len(named) == told["did"][0]["letters"]
    said = session.scalars(select(Interaction).where(Interaction.request_id == request.id))
    assert mine.body in [one.body for one in said]


def test_the_customer_letters_are_whole_in_both_languages(
    session: Session, clock: MovingClock
) -> None:
    for language in ("fa", "en"):
        contact = Contact("Eva", email=f"{language}@example.com")
        request = submit(clock(), customer=contact, language=language)
        row = clock_of(request, "resolution")
        for template in (promise_letters.SOON, promise_letters.LATE, "promise-half"):
            letter = promise_letters.to_customer(request, row, template, clock())
            assert letter is not None
            assert letter.language == language
            assert request.number in letter.subject
