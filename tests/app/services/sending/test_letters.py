"""Letters of the type ``email``: what cannot be sent is told in a way that a diagram may catch."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

import connectors
from app.access import SYSTEM
from app.models import Delivery, Fault, ProcessInstance, ServiceJob
from app.services.deployment import definitions, linting
from app.services.deployment.judging import Source
from app.services.execution import processes, service_jobs
from tests.bpmn import build
from tests.support.clock import MovingClock

TO, SUBJECT, BODY = "to", "subject", "body"
OPTIONAL = '<zeebe:taskHeaders><zeebe:header key="optional" value="true" /></zeebe:taskHeaders>'
MAPPED = {TO: "=to", SUBJECT: "=subject", BODY: "=body"}


def drawn(*parts: str, inputs: dict[str, str] | None = None, headers: str = "") -> bytes:
    """A letter, then a task; a way of its own where the letter's border catches something."""
    mapped = build.io(inputs=MAPPED if inputs is None else inputs) + headers
    ways = ["start > tell > after > end", *(["caught > other > end"] if parts else [])]
    return build.process(
        build.start(), build.service("tell", mapped, kind="email"), *parts,
        build.user("after", groups="intake"), build.end(), build.flows(*ways), key="letter",
    )  # fmt: skip


PLAIN = drawn()
CAUGHT = (
    build.boundary("caught", "tell", build.error("not_delivered")),
    build.user("other", groups="intake"),
)
CATCHING = drawn(*CAUGHT).replace(
    b"<bpmn:process ", build.declare_error("not_delivered").encode() + b"<bpmn:process ", 1
)


def send(source: bytes, clock: MovingClock, session: Session, **given: Any) -> ProcessInstance:
    """A process whose letter is written with these variables, taken up by a worker."""
    row = definitions.deploy("letter.bpmn", source, SYSTEM, clock())
    variables = {TO: "ali@example.com", SUBJECT: "Hello", BODY: "Well?", **given}
    instance = processes.start(row, variables, SYSTEM, clock())
    job = session.scalars(select(ServiceJob).where(ServiceJob.instance_id == instance.id)).one()
    service_jobs.begin(job.id, clock())
    session.flush()
    return instance


def faults_of(session: Session) -> list[Fault]:
    return list(session.scalars(select(Fault)))


def tasks_of(instance: ProcessInstance) -> list[str]:
    return [task.element for task in processes.inspect(instance).user_tasks]


BAD = ["nobody", None, "", "  ", ["a@example.com"], 5, "a@example.com\r\nBcc: b@example.com"]


@pytest.mark.parametrize("to", BAD)
def test_an_address_that_cannot_be_used_may_be_caught(
    session: Session, clock: MovingClock, to: object
) -> None:
    assert tasks_of(send(CATCHING, clock, session, to=to)) == ["other"]
    assert faults_of(session) == []


@pytest.mark.parametrize("to", BAD)
def test_uncaught_it_is_a_fault_in_both_languages(
    session: Session, clock: MovingClock, to: object
) -> None:
    send(PLAIN, clock, session, to=to)
    (fault,) = faults_of(session)
    assert fault.code == "not_delivered"
    assert fault.texts["en"].startswith("This is not an e-mail address that mail can be sent to.")
    assert fault.texts["fa"].startswith("این نشانی، نشانی ایمیل درستی نیست.")


def test_an_optional_letter_to_such_an_address_is_left_out(
    session: Session, clock: MovingClock
) -> None:
    assert tasks_of(send(drawn(headers=OPTIONAL), clock, session, to="nobody")) == ["after"]


@pytest.mark.parametrize("name", [SUBJECT, BODY])
@pytest.mark.parametrize("value", [["l"], {"a": 1}])
def test_what_is_no_text_does_not_go_out(
    session: Session, clock: MovingClock, name: str, value: object
) -> None:
    send(PLAIN, clock, session, **{name: value})
    (fault,) = faults_of(session)
    assert fault.code == "input"
    assert fault.texts["en"] == f"The input “{name}” must be a text, not a list or a context."
    assert fault.texts["fa"].startswith(f"ورودی «{name}» باید متن باشد")
    assert session.scalars(select(Delivery)).all() == []


def test_numbers_and_truths_are_written_as_feel_writes_them(
    session: Session, clock: MovingClock
) -> None:
    send(PLAIN, clock, session, subject=1.5, body=True)
    letter = session.scalars(select(Delivery)).one()
    assert (letter.subject, letter.body) == ("1.5", "true")


def test_a_refusal_of_the_other_side_stands_in_both_languages(
    session: Session, clock: MovingClock
) -> None:
    instance = send(PLAIN, clock, session)
    job = session.scalars(select(ServiceJob).where(ServiceJob.instance_id == instance.id)).one()
    letter = session.scalars(select(Delivery)).one()
    refused = service_jobs.Result(letter.id, connectors.Permanent("550 no such user"))
    service_jobs.settle(job.id, [refused], clock())
    session.flush()
    (fault,) = faults_of(session)
    assert fault.texts["en"] == "The other side refused the message for good. (550 no such user)"
    assert fault.texts["fa"] == "گیرنده پیام را برای همیشه رد کرد. «550 no such user»"


def findings(source: bytes) -> list[tuple[str, str, str]]:
    report = linting.judge([Source("x.bpmn", source)])
    return [
        (one.severity, one.element, one.rule)
        for one in report.findings
        if one.rule.startswith("letter.")
    ]


def test_a_letter_without_an_address_is_found_before_it_runs() -> None:
    mistyped = drawn(inputs={"too": "=to", SUBJECT: "=subject"})
    assert findings(mistyped) == [("error", "tell", "letter.to")]
    assert findings(drawn(inputs={})) == [("warning", "tell", "letter.to")]
    assert findings(PLAIN) == []


def test_an_address_that_an_earlier_step_writes_is_one() -> None:
    way = build.flows("start > a > tell > end")
    written = build.process(
        build.start(), build.script("a", '="a@example.com"', "to"),
        build.service("tell", kind="email"), build.end(), way,
    )  # fmt: skip
    assert findings(written) == []
