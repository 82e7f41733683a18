"""How the rows of a step are written: with one statement, leaving the session nothing to do."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.access import SYSTEM
from app.db import end_reading
from app.models import Attempt, ContactPoint, Delivery, Event, Party, User
from app.objects import adopt_json, columns_of, read
from app.saving import append, insert, save
from app.services import history
from app.services.accounts import api_tokens, people
from tests.support.clock import MovingClock
from tests.support.statements import statements

NOW = datetime(2026, 5, 2, 6, 0, tzinfo=UTC)


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


def test_rows_are_deleted_with_the_same_statement(session: Session, clock: MovingClock) -> None:
    first, second = append(Event, [history.entry(k, SYSTEM, clock()) for k in ("one", "two")])
    sara = people.by_login("sara")
    sara.email = "sara@example.org"

    with statements() as sent:
        new = save(
            [(Event, [history.entry(kind, SYSTEM, clock()) for kind in ("three", "four")])],
            [(Event, [first, second]), (Party, [])],
            ids_of=Event,
        )

    assert len(sent) == 1
    left = select(Event.id, Event.kind).where(Event.id >= first).order_by(Event.id)
    assert session.execute(left).all() == list(zip(new, ["three", "four"], strict=True))
    assert save([], [(Event, new)]) == []
    assert session.execute(left).all() == []


@pytest.mark.parametrize("count", [1, 4, 5, 9])
def test_as_many_rows_are_deleted_as_are_named(
    session: Session, clock: MovingClock, count: int
) -> None:  # fmt: skip
    rows = [{"scope": "x", "subject": str(number), "at": clock()} for number in range(count + 2)]
    first, *gone, last = append(Attempt, rows)
    save([], [(Attempt, gone)])
    left = select(Attempt.id).where(Attempt.scope == "x").order_by(Attempt.id)
    assert session.scalars(left).all() == [first, last]


def test_a_row_that_came_as_json_is_the_row_itself(session: Session) -> None:
    [(told,)] = session.execute(text("SELECT to_jsonb(u) FROM staff_user u WHERE login = 'sara'"))
    session.expunge_all()
    adopted = adopt_json(User, told)
    columns = User.__table__.c.keys()
    kept = [getattr(adopted, name) for name in columns]
    session.expire(adopted)
    assert [getattr(adopted, name) for name in columns] == kept
    assert adopted is people.by_login("sara")


def test_appended_rows_keep_their_order(session: Session, clock: MovingClock) -> None:
    entries = [history.entry(kind, SYSTEM, clock(), element="سنجش") for kind in ("b", "a", "c")]

    ids = append(Event, entries)

    rows = [session.get_one(Event, row_id) for row_id in ids]
    assert [row.kind for row in rows] == ["b", "a", "c"]
    assert ids == sorted(ids)
    assert {row.element for row in rows} == {"سنجش"}
    assert append(Event, []) == []


def test_a_row_written_at_once_belongs_to_the_session(session: Session) -> None:
    party = Party(name="رضا", language="fa", kind="person", tier="standard", created_at=NOW)
    with statements() as sent:
        insert(party)
        party.tier = "gold"
        session.flush()
    assert [statement.split()[0] for statement in sent] == ["INSERT", "UPDATE"]
    session.expire(party)
    assert (party.name, party.tier) == ("رضا", "gold")


def test_rows_that_refer_to_the_new_one_are_written_with_it(session: Session) -> None:
    party = Party(name="رضا", language="fa", kind="person", tier="standard", created_at=NOW)
    points = [{"kind": "email", "value": f"{name}@example.com"} for name in ("b", "a")]
    with statements() as sent:
        insert(party, (ContactPoint, points), by="party_id")
    assert len(sent) == 1
    assert [point.value for point in party.contact_points] == ["b@example.com", "a@example.com"]
    session.expire(party)
    assert (party.name, party.created_at) == ("رضا", NOW)


def test_the_end_of_a_reading_writes_nothing_and_keeps_what_is_prepared(session: Session) -> None:
    driver = session.connection().connection.dbapi_connection
    for _ in range(8):
        api_tokens.find_actor("none", NOW)
    prepared = text("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE :what")
    named = {"what": "%api_token%"}
    people.by_login("sara").email = "changed@example.com"
    end_reading()
    session.rollback()
    assert session.connection().connection.dbapi_connection is driver
    assert session.execute(prepared, named).scalar() == 1
    assert people.by_login("sara").email != "changed@example.com"


def test_documents_come_back_as_they_were_kept(session: Session) -> None:
    documents: list[Any] = [{}, [], None, "آ\u200c\n", 2**80, -0.5, {"a": [1, {"ب": [True, ""]}]}]
    for kept in documents:
        query = text("SELECT CAST(:kept AS jsonb) AS one, CAST(:kept AS json) AS two")
        told = f" {json.dumps(kept)}\n"
        assert session.execute(query, {"kept": told}).one() == (kept, kept)


def test_a_delivery_with_a_cost_and_a_payload_comes_back_as_it_went(
    session: Session, clock: MovingClock
) -> None:
    facts = {
        "reference": "d1", "channel": "http", "recipient": "crm", "recipient_name": "",
        "language": "fa", "subject": "", "body": "", "state": "accepted", "attempts": 1,
        "created_at": clock(), "payload": {"a": [1, None, "متن"]}, "cost": Decimal("1250.0500"),
    }  # fmt: skip
    plain = {**facts, "reference": "d2", "payload": None, "cost": None}
    append(Delivery, [facts, plain])
    session.expunge_all()

    query = select(*columns_of(Delivery)).order_by(Delivery.id)
    as_json = text("SELECT to_jsonb(delivery) FROM delivery ORDER BY id")
    for found in (
        [row for (row,) in read(query, {}, Delivery)],
        [adopt_json(Delivery, row) for row in session.scalars(as_json)],
    ):
        assert [(one.payload, one.cost) for one in found] == [
            ({"a": [1, None, "متن"]}, Decimal("1250.05")), (None, None),
        ]  # fmt: skip
        session.expunge_all()
    query = select(Delivery.reference).where(Delivery.payload.is_(None))
    assert session.scalars(query).all() == ["d2"]
