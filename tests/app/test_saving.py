"""How the rows of a step are written: with one statement, leaving the session nothing to do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event, select
from sqlalchemy.orm import Session

from app.access import SYSTEM
from app.db import append, db, save
from app.models import Event, User
from app.services import history, people
from tests.support.clock import MovingClock


@contextmanager
def statements() -> Iterator[list[str]]:
    """What is sent to the database inside the block."""
    sent: list[str] = []

    def note(_conn: object, _cursor: object, statement: str, *_: object) -> None:
        sent.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    yield sent
    event.remove(db.engine, "before_cursor_execute", note)


def test_changes_and_new_rows_go_out_together(session: Session, clock: MovingClock) -> None:
    sara, omid = people.by_login("sara"), people.by_login("omid")
    entries = [history.entry(kind, SYSTEM, clock(), data={"of": kind}) for kind in ("one", "two")]
    sara.names, omid.email = {"fa": "سارا", "en": "Sara K."}, "omid@example.com"

    with statements() as sent:
        save([(Event, entries)])
        session.flush()

    assert len(sent) == 1
    assert list(session.dirty) == []
    session.expire_all()
    assert (sara.names["en"], omid.email) == ("Sara K.", "omid@example.com")
    written = session.scalars(select(Event).where(Event.kind.in_(("one", "two"))))
    found = [(row.kind, row.data, row.at) for row in written.all()]
    assert found == [("one", {"of": "one"}, clock()), ("two", {"of": "two"}, clock())]


def test_a_value_set_to_what_it_was_is_not_written(session: Session) -> None:
    sara = people.by_login("sara")
    sara.email = sara.email

    with statements() as sent:
        save([])

    assert sent == []


def test_new_rows_and_relationships_are_left_to_the_session(
    session: Session, clock: MovingClock
) -> None:
    sara = people.by_login("sara")
    sara.groups = [people.find_group("quality")]
    nina = User(login="nina", names={"en": "Nina"}, roles=["staff"], created_at=clock())
    session.add(nina)

    save([])

    session.expire_all()
    assert [group.key for group in sara.groups] == ["quality"]
    assert people.by_login("nina").id == nina.id


def test_appended_rows_keep_their_order(session: Session, clock: MovingClock) -> None:
    entries = [history.entry(kind, SYSTEM, clock(), element="سنجش") for kind in ("b", "a", "c")]

    ids = append(Event, entries)

    rows = [session.get_one(Event, row_id) for row_id in ids]
    assert [row.kind for row in rows] == ["b", "a", "c"]
    assert ids == sorted(ids)
    assert {row.element for row in rows} == {"سنجش"}
    assert append(Event, []) == []
