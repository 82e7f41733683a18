"""Statements asked by the driver itself, and rows read without the session's own loader."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator, Mapping
from datetime import timedelta, timezone
from typing import Any
from unittest.mock import patch

import pytest
from flask import Flask
from psycopg.pq import TransactionStatus
from sqlalchemy import (
    ARRAY,
    BigInteger,
    DateTime,
    Executable,
    String,
    bindparam,
    insert,
    select,
    text,
)
from sqlalchemy.exc import (
    DataError,
    IntegrityError,
    MultipleResultsFound,
    NoResultFound,
    OperationalError,
)
from sqlalchemy.orm import Session

from app.away import is_away
from app.db import look, run, transaction
from app.models import Attempt, ServiceRequest, User, UserTask
from app.objects import columns_of, read
from app.services.accounts import people
from tests.app.services.story import submit
from tests.support.clock import MovingClock

PREPARED_AFTER = 7
"""The driver prepares a statement on its sixth use."""

_USER = select(*columns_of(User)).where(User.login == bindparam("login"))


def test_rows_come_with_the_names_of_their_columns(session: Session) -> None:
    query = select(User.login, User.roles).where(User.login == bindparam("login"))
    assert run(query, {"login": "sara"}).one().roles == people.by_login("sara").roles
    assert run(query, {"login": "nobody"}).one_or_none() is None
    with pytest.raises(NoResultFound):
        run(query, {"login": "nobody"}).scalar_one()
    with pytest.raises(MultipleResultsFound):
        run(select(User.id)).one()


def test_a_statement_whose_text_depends_on_its_values_finds_the_same(session: Session) -> None:
    query = select(User.login).where(User.login.in_(["sara", "omid"])).order_by(User.login)
    assert run(query).scalars() == ["omid", "sara"]


def test_defaults_of_a_table_are_kept(session: Session, clock: MovingClock) -> None:
    run(insert(Attempt).values(scope="x", subject="y", at=bindparam("at")), {"at": clock()})
    assert session.scalars(select(Attempt.subject)).all() == ["y"]


def test_what_the_database_refuses_is_told_as_the_session_tells_it(session: Session) -> None:
    sara, omid = people.by_login("sara"), people.by_login("omid")
    with pytest.raises(IntegrityError) as caught:
        run(text("UPDATE staff_user SET login = :login WHERE id = :id"),
            {"login": sara.login, "id": omid.id})  # fmt: skip
    assert not caught.value.connection_invalidated
    assert not is_away(caught.value)


def test_a_lost_connection_is_told_and_replaced(session: Session) -> None:
    with pytest.raises(OperationalError) as caught:
        run(text("SELECT pg_terminate_backend(pg_backend_pid())"))
    assert caught.value.connection_invalidated
    assert is_away(caught.value)
    session.rollback()
    assert run(text("SELECT 1")).scalar() == 1


@pytest.fixture
def prepared_only() -> Iterator[None]:
    """Refuses the cursor's way, so that only what the driver has prepared is answered."""
    with patch("app.ready._fetch", side_effect=AssertionError("it was not prepared")):
        yield


@pytest.fixture(params=[True, False], ids=["main thread", "another thread"])
def thread(request: pytest.FixtureRequest) -> Iterator[None]:
    """Prepared statements are waited for otherwise on the main thread, which Ctrl-C reaches."""
    with patch("app.prepared._on_main_thread", return_value=request.param):
        yield


def _prepare(statement: Executable, values: Mapping[str, Any]) -> list[Any]:
    """Ask as often as it takes the driver to prepare a statement; what it answered."""
    return [run(statement, values).all() for _ in range(PREPARED_AFTER)][-1]


_JSON = text("SELECT :id AS id, CAST(:said AS jsonb) AS said, CAST(:at AS timestamptz) AS at")


@pytest.mark.usefixtures("thread")
def test_a_prepared_statement_answers_as_before(
    session: Session, clock: MovingClock, request: pytest.FixtureRequest
) -> None:
    values = {"id": 7, "said": '{"a": [1, null, "آ"]}', "at": clock()}
    before = _prepare(_JSON, values)
    assert before == [(7, {"a": [1, None, "آ"]}, clock())]
    user = _prepare(_USER, {"login": "sara"})
    nobody = _prepare(_USER, {"login": "nobody"})
    request.getfixturevalue("prepared_only")
    assert run(_JSON, values).all() == before
    assert run(_USER, {"login": "sara"}).all() == user
    assert user[0].login == "sara"
    assert run(_USER, {"login": "nobody"}).all() == nobody == []


@pytest.mark.usefixtures("thread")
def test_a_prepared_statement_begins_the_transaction_itself(
    session: Session, request: pytest.FixtureRequest
) -> None:
    _prepare(_USER, {"login": "sara"})
    session.commit()
    request.getfixturevalue("prepared_only")
    change = text("UPDATE staff_user SET email = 'x@example.com' WHERE login = 'sara'")
    run(_USER, {"login": "sara"})
    session.execute(change)
    session.rollback()
    assert session.scalar(select(User.email).where(User.login == "sara")) != "x@example.com"


_NUMBERS = text("SELECT CAST(:a AS bigint) / CAST(:b AS bigint) AS q, now() AS at")
_NONE = text("SELECT CAST('2026-03-21T12:00Z' AS timestamptz) AS at, CAST('[1]' AS jsonb) AS said")


@pytest.mark.usefixtures("thread")
def test_a_question_of_whole_numbers_goes_out_with_the_beginning(session: Session) -> None:
    """What the driver sends then is one statement for both."""
    asked = [(_NUMBERS, {"a": -(2**40), "b": 7}), (_NUMBERS, {"a": 6, "b": -3}), (_NONE, {})]
    before = [_prepare(statement, values)[0] for statement, values in asked]
    with (
        patch("app.prepared._answer", side_effect=AssertionError("they went apart")),
        patch("app.ready._fetch", side_effect=AssertionError("it was not prepared")),
    ):
        for (statement, values), [first, *_] in zip(asked, before, strict=True):
            session.commit()
            [found] = run(statement, values).all()
            assert found[0] == first
            driver = session.connection().connection.driver_connection
            assert driver is not None
            assert driver.info.transaction_status == TransactionStatus.INTRANS
        session.commit()
        with pytest.raises(DataError):
            run(_NUMBERS, {"a": 1, "b": 0})
    session.rollback()
    assert run(_NUMBERS, {"a": 6, "b": 3}).scalar() == 2


def test_a_truth_or_nothing_is_no_whole_number(session: Session) -> None:
    either = text("SELECT CAST(:a AS boolean) AS a, CAST(:b AS bigint) AS b")
    for values in ({"a": True, "b": 1}, {"a": False, "b": None}):
        before = _prepare(either, values)
        session.commit()
        assert run(either, values).all() == before == [(values["a"], values["b"])]


@pytest.mark.usefixtures("thread")
def test_what_only_looks_begins_no_transaction_outside_of_one(
    session: Session, request: pytest.FixtureRequest
) -> None:
    _prepare(_USER, {"login": "sara"})
    session.commit()
    request.getfixturevalue("prepared_only")
    driver = session.connection().connection.driver_connection
    assert driver is not None
    for _ in range(2):
        assert look(_USER, {"login": "sara"}).one().login == "sara"
        assert driver.info.transaction_status == TransactionStatus.IDLE
    session.commit()
    with transaction():
        look(_USER, {"login": "sara"})
        assert driver.info.transaction_status == TransactionStatus.INTRANS


_KINDS: list[tuple[Executable, Mapping[str, Any]]] = [
    (text("SELECT CAST(:a AS int) AS a"), {"a": 3}),
    (text("SELECT CAST(:a AS text) AS a"), {"a": "آ"}),
    (text("SELECT CAST(:a AS timestamptz) AS a, 1.5 AS b"), {"a": "2026-03-21T12:00:00+03:30"}),
    (text("SELECT CAST(:a AS jsonb) AS a, NULL AS b, 2 AS c"), {"a": '["x"]'}),
    (text("SELECT 1 / CAST(:a AS int) AS a"), {"a": 1}),
]


@pytest.mark.usefixtures("thread")
def test_statements_of_many_kinds_are_read_rightly_in_turn(session: Session) -> None:
    """The connection keeps what reads their types."""
    before = [_prepare(statement, values) for statement, values in _KINDS]
    dividing = _KINDS[-1][0]
    with patch("app.ready._fetch", side_effect=AssertionError("it was not prepared")):
        for _ in range(2):
            assert [run(statement, values).all() for statement, values in _KINDS] == before
        with pytest.raises(DataError):
            run(dividing, {"a": 0})
    session.rollback()
    assert [run(statement, values).all() for statement, values in _KINDS] == before


@pytest.mark.usefixtures("thread")
def test_a_prepared_change_that_is_refused_is_told_alike(
    session: Session, request: pytest.FixtureRequest
) -> None:
    change = text("UPDATE staff_user SET login = :login WHERE id = :id")
    sara, omid = people.by_login("sara"), people.by_login("omid")
    _prepare(change, {"login": omid.login, "id": omid.id})
    request.getfixturevalue("prepared_only")
    assert run(change, {"login": omid.login, "id": omid.id}).all() == []
    with pytest.raises(IntegrityError):
        run(change, {"login": sara.login, "id": omid.id})


@pytest.mark.usefixtures("thread")
def test_a_connection_lost_in_a_prepared_statement_is_told_and_replaced(
    session: Session,
) -> None:
    end = text("SELECT CASE WHEN :now THEN pg_terminate_backend(pg_backend_pid()) END")
    _prepare(end, {"now": False})
    with patch("app.ready._fetch", side_effect=AssertionError("it was not prepared")):
        with pytest.raises(OperationalError) as caught:
            run(end, {"now": True})
    assert is_away(caught.value)
    session.rollback()
    assert run(text("SELECT 1")).scalar() == 1


@pytest.mark.usefixtures("thread")
def test_the_transaction_that_begins_is_the_one_that_was_asked_for(session: Session) -> None:
    level = text("SELECT current_setting('transaction_isolation') AS level, CAST(:n AS int) AS n")
    _prepare(level, {"n": 1})
    session.commit()
    session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    with patch("app.ready._fetch", side_effect=AssertionError("it was not prepared")):
        assert run(level, {"n": 1}).all() == [("repeatable read", 1)]


@pytest.mark.usefixtures("thread")
def test_what_a_rollback_made_the_driver_forget_is_asked_anew(session: Session) -> None:
    _prepare(_USER, {"login": "sara"})
    session.rollback()
    assert run(_USER, {"login": "sara"}).one().login == "sara"


def test_an_object_that_is_known_is_brought_up_to_date(session: Session) -> None:
    sara = people.by_login("sara")
    run(text("UPDATE staff_user SET email = 'new@example.com' WHERE login = 'sara'"))
    assert read(_USER, {"login": "sara"}, User) == [(sara,)]
    assert sara.email == "new@example.com"
    assert sara not in session.dirty


def test_what_is_changed_and_unwritten_is_written_before_reading(session: Session) -> None:
    sara = people.by_login("sara")
    sara.email = "changed@example.com"
    read(_USER, {"login": "sara"}, User)
    assert sara.email == "changed@example.com"


def test_a_new_object_belongs_to_the_session(session: Session) -> None:
    [(sara,)] = read(_USER, {"login": "sara"}, User)
    assert sara in session
    assert [group.key for group in sara.groups] == [g.key for g in people.by_login("sara").groups]
    sara.email = "other@example.com"
    session.flush()
    query = text("SELECT email FROM staff_user WHERE login = 'sara'")
    assert session.scalar(query) == "other@example.com"


def test_an_outer_join_without_a_row_gives_none(session: Session, clock: MovingClock) -> None:
    number = submit(clock()).number
    query = (
        select(*columns_of(ServiceRequest, UserTask))
        .outerjoin(UserTask, UserTask.request_id == ServiceRequest.id)
        .where(ServiceRequest.number == bindparam("number"), ServiceRequest.id > 0)
    )
    [(request, task)] = read(query, {"number": number}, ServiceRequest, UserTask)
    assert (request.number, task) == (number, None)


def test_with_an_unknown_driver_the_cursor_answers(session: Session) -> None:
    _prepare(_USER, {"login": "sara"})
    with patch("app.prepared._query2pg", None):
        found = run(_USER, {"login": "sara"}).one()
    assert found.id == people.by_login("sara").id


def test_a_session_that_ended_needs_no_garbage_collector(app: Flask) -> None:
    gc.disable()
    try:
        with app.app_context(), transaction() as work:
            ended = weakref.ref(work)
            read(_USER, {"login": "sara"}, User)
            work.info["noted"] = work.get_transaction()
        del work
        assert ended() is None
    finally:
        gc.enable()


_ROW = text("SELECT :texts AS texts, :numbers AS numbers").bindparams(
    bindparam("texts", type_=ARRAY(String)), bindparam("numbers", type_=ARRAY(BigInteger))
)


@pytest.mark.parametrize(
    "texts",
    [[], ["a"], ["", " ", "NULL", "null"], ['"', "\\", "{,}", "a\nb\t"], ["آ،‌ب", None], None],
)
@pytest.mark.parametrize("numbers", [[], [1, -(2**62)], None])
def test_rows_of_texts_and_numbers_go_in_as_they_are(
    session: Session, texts: list[str | None] | None, numbers: list[int] | None
) -> None:
    values = {"texts": texts, "numbers": numbers}
    found = run(_ROW, values).one()
    assert (found[0], found[1]) == (texts, numbers)
    assert _prepare(_ROW, values) == [found]


def test_an_instant_goes_in_as_it_is(session: Session, clock: MovingClock) -> None:
    query = select(bindparam("at", type_=DateTime(timezone=True)).label("at"))
    abroad = clock().replace(microsecond=7).astimezone(timezone(timedelta(hours=3, minutes=30)))
    for at in (abroad, None):
        assert _prepare(query, {"at": at}) == [(at,)]
