"""A process is told when nobody may be written to, by whatever kind of channel it writes."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

import connectors
from app.access import SYSTEM
from app.models import Channel, Delivery, Event, ProcessInstance
from app.services.casework import linked, messages
from app.services.casework.customers import Contact
from app.services.deployment import definitions
from app.services.execution import processes
from app.services.sending import call_inputs, customer_ways, no_contact
from app.services.sending.no_contact import CODE, KIND_OF, Kind
from connectors import registry
from tests.app.services import story
from tests.app.services.service_levels.climbing import climb_all, use_ladder
from tests.app.services.story import actor
from tests.bpmn.build import (
    boundary,
    declare_error,
    end,
    error,
    flows,
    io,
    process,
    service,
    start,
    user,
)  # fmt: skip
from tests.support.application import transaction_of
from tests.support.clock import MovingClock

ADDRESSES = {"email": "sara@example.com", "phone": "+989120000007"}
WRITING = sorted(name for name, kind in registry.kinds().items() if call_inputs.writes(kind))


def test_every_kind_that_writes_to_people_is_asked() -> None:
    assert {"email", "sms-http", "smpp"} <= set(WRITING)
    assert {registry.kinds()[name].task_type for name in WRITING} <= set(KIND_OF)


@pytest.mark.parametrize("name", ["built-in mail", *WRITING])
def test_the_process_goes_on_by_the_error(
    app: Flask, clock: MovingClock, run_jobs: Callable[[], int], name: str
) -> None:
    task_type = "email" if name == "built-in mail" else registry.kinds()[name].task_type
    medium = KIND_OF[task_type]
    inputs = {"to": f'="{ADDRESSES[medium]}"', "subject": '="x"', "body": '="y"'}
    source = process(
        start(), service("write", io(inputs=inputs), kind=task_type), user("sent", groups="intake"),
        user("told", groups="intake"), end(), boundary("b", "write", error(CODE)),
        flows("start > write > sent > end", "b > told > end"), before=declare_error(CODE),
    )  # fmt: skip
    with transaction_of(app) as session:
        if name != "built-in mail":
            session.add(a_channel(name, task_type, clock))
        no_contact.bar(medium, ADDRESSES[medium], "opted_out", SYSTEM, clock())
        deployed = definitions.deploy("p.bpmn", source, actor("maryam"), clock())
        instance_id = processes.start(deployed, {}, SYSTEM, clock()).id
    run_jobs()
    with transaction_of(app) as session:
        assert session.get_one(ProcessInstance, instance_id).tokens == ["told"]
        assert session.scalars(select(Delivery)).all() == []


@pytest.mark.parametrize(
    ("barred", "way", "kinds"),
    [
        ((), "email", ["message_sent"]),
        (("email",), "sms", ["message_sent"]),
        (("email", "phone"), "", ["message_sent", "reply_not_sent"]),
    ],
)
def test_a_reply_takes_the_way_that_is_open_and_tells_when_none_is(
    app: Flask, clock: MovingClock, barred: tuple[Kind, ...], way: str, kinds: list[str]
) -> None:
    with transaction_of(app) as session:
        session.add(a_channel("sms-http", "sms", clock))
        session.flush()
        asked = story.submit(
            clock(), customer=Contact("Sara", ADDRESSES["phone"], ADDRESSES["email"])
        )
        for kind in barred:
            no_contact.bar(kind, ADDRESSES[kind], "bounced", SYSTEM, clock())
        assert customer_ways.open_way(asked) == way
        before = session.scalar(select(func.max(Event.id))) or 0
        messages.reply_to_customer(asked, "Long words.", actor("sara"), clock())
        told = select(Event.kind).where(Event.id > before, Event.request_id == asked.id)
        assert list(session.scalars(told.order_by(Event.id))) == kinds
        made = session.scalars(select(Delivery.channel)).all()
        assert list(made) == ([way] if way else [])


@pytest.mark.parametrize("what", ["process", "promise", "linked", "message"])
def test_every_letter_to_a_customer_takes_the_way_that_is_open(
    app: Flask, clock: MovingClock, run_jobs: Callable[[], int], what: str
) -> None:
    with transaction_of(app) as session:
        session.add(a_channel("sms-http", "sms", clock))
        no_contact.bar("email", ADDRESSES["email"], "bounced", SYSTEM, clock())
        session.flush()
        if what == "promise":
            text = '{notify = ["customer"], template = "promise-customer-late"}'
            use_ladder(text, clock())
        both = Contact("Sara", ADDRESSES["phone"], ADDRESSES["email"])
        asked = story.submit(clock(), customer=both, language="en")
        session.flush()
        if what == "promise":
            clock.move(days=20)
            climb_all(session, clock())
        elif what == "linked":
            linked.write(asked.id, "complaint-withdrawn", {}, clock())
        elif what == "message":
            messages.reply_to_customer(asked, "Long words.", actor("sara"), clock())
    if what == "process":
        run_jobs()
    with transaction_of(app) as session:
        made = session.scalars(select(Delivery).order_by(Delivery.id)).all()
        assert {row.channel for row in made} == {"sms"}
        assert {row.recipient for row in made} == {ADDRESSES["phone"]}


def test_a_letter_that_names_its_way_takes_no_other(session: Session, clock: MovingClock) -> None:
    session.add(a_channel("sms-http", "sms", clock))
    session.flush()
    request = story.submit(clock())
    no_contact.bar("email", str(request.contact_email), "asked", SYSTEM, clock())
    row = customer_ways.compose(request, connectors.Message("x", "y"), clock())
    assert row is not None
    assert row.channel == "sms"
    no_contact.bar("phone", str(request.contact_phone), "asked", SYSTEM, clock())
    with pytest.raises(no_contact.DoNotContact):
        customer_ways.compose(request, connectors.Message("x", "y"), clock())


def a_channel(kind: str, task_type: str, clock: MovingClock) -> Channel:
    """The default channel of its type, whose settings nobody comes to look at."""
    return Channel(
        key="line", kind=kind, task_type=task_type, names={"en": "Line"}, options={},
        is_default=True, policy={}, created_at=clock(), updated_at=clock(),
    )  # fmt: skip


@pytest.mark.parametrize("by", ["email", "sms"])
def test_a_notice_to_the_customer_is_refused_by_either_way(
    session: Session, clock: MovingClock, by: str
) -> None:
    session.add(a_channel("sms-http", "sms", clock))
    session.flush()
    request = story.submit(clock())
    medium = KIND_OF[by]
    address = str(request.contact_email if by == "email" else request.contact_phone)
    no_contact.bar(medium, address, "asked", SYSTEM, clock())
    with pytest.raises(no_contact.DoNotContact):
        customer_ways.compose(request, connectors.Message("x", "y"), clock(), by=by)
