"""What is held back goes out with the next rows, or before whatever else the server is asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import bindparam, func, select, text
from sqlalchemy.orm import Session

from app.access import SYSTEM
from app.db import look, run
from app.held_back import hold_back
from app.models import Event, User
from app.objects import adopt, columns_of, read
from app.saving import save
from app.services import history
from app.services.accounts import people
from tests.support.clock import MovingClock
from tests.support.statements import statements

COUNT = select(func.count()).select_from(Event).where(Event.kind == bindparam("kind"))
EVENTS = select(*columns_of(Event)).where(Event.kind == bindparam("kind"))
ONE = {"kind": "one"}


@pytest.fixture
def held(session: Session, clock: MovingClock) -> dict[str, Any]:
    """An entry of the history that is held back, with the id that it will have."""
    row_id = session.scalar(text("SELECT nextval('event_id_seq')"))
    row = {"id": row_id, **history.entry("one", SYSTEM, clock())}
    assert hold_back([(Event, [row])], [], None)
    return row


def written(session: Session) -> Any:
    return session.connection().execute(COUNT, ONE).scalar()


def test_it_goes_out_with_the_next_rows(session: Session, clock: MovingClock) -> None:
    sara = people.by_login("sara")
    first, second = ([(Event, [history.entry(k, SYSTEM, clock())])] for k in ("one", "two"))
    sara.email = "sara@example.org"
    with statements() as sent:
        assert hold_back(first, [], None)
        [new] = save(second, ids_of=Event)
        session.flush()
    assert len(sent) == 1
    assert session.get_one(Event, new).kind == "two"
    assert written(session) == 1
    session.expire_all()
    assert sara.email == "sara@example.org"


@pytest.mark.parametrize(
    "ask",
    [
        lambda work: run(COUNT, ONE).scalar_one(),
        lambda work: look(COUNT, ONE).scalar_one(),
        lambda work: len(read(EVENTS, ONE, Event)),
        lambda work: work.execute(COUNT, ONE).scalar_one(),
        lambda work: work.scalar(COUNT, ONE),
        lambda work: len(work.scalars(EVENTS, ONE).all()),
        lambda work: work.connection().execute(COUNT, ONE).scalar_one(),
        lambda work: work.query(Event).filter_by(kind="one").count(),
    ],
)
@pytest.mark.usefixtures("held")
def test_whatever_is_asked_sees_it(session: Session, ask: Callable[[Session], int]) -> None:
    assert ask(session) == 1


@pytest.mark.usefixtures("held")
def test_it_is_written_before_a_savepoint_and_stays_when_that_is_undone(session: Session) -> None:
    with pytest.raises(ZeroDivisionError), session.begin_nested():
        raise ZeroDivisionError
    assert written(session) == 1


@pytest.mark.usefixtures("held")
def test_the_end_of_the_transaction_writes_it(session: Session) -> None:
    session.commit()
    assert written(session) == 1


@pytest.mark.usefixtures("held")
def test_what_is_undone_is_never_written(session: Session) -> None:
    session.rollback()
    session.flush()
    assert written(session) == 0


def test_a_row_may_change_before_it_is_written(session: Session, held: dict[str, Any]) -> None:
    unset = {name: None for name in Event.__table__.c.keys() if name not in held}  # noqa: SIM118
    event = adopt(Event, {**unset, **held})
    event.element, event.data = "late", {"a": 1}
    with statements() as sent:
        save([])
    assert len(sent) == 1
    assert list(session.dirty) == []
    session.expire_all()
    assert (event.kind, event.element, event.data) == ("one", "late", {"a": 1})


@pytest.mark.usefixtures("held")
def test_a_second_one_is_not_held_back(session: Session) -> None:
    assert not hold_back([], [], None)
    assert written(session) == 1


def test_nothing_is_held_back_beside_what_the_session_itself_must_write(
    session: Session, clock: MovingClock
) -> None:
    session.add(User(login="nina", names={"en": "N"}, roles=["staff"], created_at=clock()))
    assert not hold_back([(Event, [history.entry("one", SYSTEM, clock())])], [], None)
    assert written(session) == 0


def test_it_is_written_before_what_the_session_itself_must_write(
    session: Session, clock: MovingClock, held: dict[str, Any]
) -> None:
    session.add(User(login="nina", names={"en": "N"}, roles=["staff"], created_at=clock()))
    save([(Event, [history.entry("two", SYSTEM, clock())])], [(Event, [held["id"]])])
    assert people.by_login("nina").id
    assert written(session) == 0  # Written first, it could be deleted.
