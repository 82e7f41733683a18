"""Every act on an account leaves who did what and when, and never a secret."""

from __future__ import annotations

import json
from datetime import timedelta

import psycopg
import pytest
from flask import Flask
from sqlalchemy.orm import Session

from app.access import TERMINAL
from app.models import Event
from app.services import history
from app.services.accounts import api_tokens, entrance, past, people, staff
from tests.app.services.story import actor
from tests.support.application import transaction_of
from tests.support.cast import PASSWORD
from tests.support.clock import MovingClock


def told(login: str) -> list[tuple[str, dict[str, object]]]:
    """The past of an account, the oldest first."""
    return [(one.kind, one.data) for one in reversed(events(login))]


def events(login: str) -> list[Event]:
    return history.deeds_of(past.element_of(people.by_login(login)))


def test_an_account_tells_how_it_came_and_how_it_changed(
    session: Session, clock: MovingClock
) -> None:
    admin = actor("admin")
    made = staff.add(
        "nima", "نیما", "Nima", admin, clock(),
        roles=["staff"], groups=["intake"], password="a first password", language="en",
    )  # fmt: skip
    staff.place(made, admin, clock(), roles=["staff", "manager"], groups=["quality"])
    staff.place(made, admin, clock(), roles=["manager", "staff"], groups=["quality"])
    staff.give_password(made, "another long one", admin, clock())
    staff.let_in(made, admin, clock(), may_enter=False)
    staff.let_in(made, admin, clock(), may_enter=False)
    staff.let_in(made, admin, clock(), may_enter=True)
    before = {"roles": ["staff"], "groups": ["intake"]}
    after = {"roles": ["manager", "staff"], "groups": ["quality"]}
    assert told("nima") == [
        ("user_added", before),
        ("user_placed", {"before": before, "after": after}),
        ("password_set", {}),
        ("user_shut_out", {}),
        ("user_let_in", {}),
    ]
    assert {one.actor_id for one in events("nima")} == {admin.id}


def test_tokens_are_told_by_their_names_alone(session: Session, clock: MovingClock) -> None:
    until = clock() + timedelta(days=30)
    token = api_tokens.issue("partner", "shop", clock(), expires_at=until, by=TERMINAL)
    assert api_tokens.revoke("partner", clock(), name="shop", by=TERMINAL) == 1
    assert told("partner") == [
        ("token_issued", {"token": "shop", "until": until.isoformat()}),
        ("token_revoked", {"token": "shop"}),
    ]
    assert [one.actor_names["en"] for one in events("partner")] == ["Command line"] * 2
    assert token not in json.dumps(told("partner"))


def test_one_s_own_password_leaves_a_trace_but_not_itself(
    session: Session, clock: MovingClock
) -> None:
    sara = actor("sara")
    staff.change_password(PASSWORD, "another long one", sara, clock(), "en")
    [event] = events("sara")
    assert (event.kind, event.actor_id, event.data) == ("password_set", sara.id, {})


def test_the_past_of_an_account_is_found_by_its_index(session: Session) -> None:
    from sqlalchemy import text

    session.execute(text("SET LOCAL enable_seqscan = off"))
    plan = "\n".join(
        session.execute(
            text(
                "EXPLAIN SELECT * FROM event WHERE strpos(element, ':') > 0 "
                "AND element = 'user:sara' ORDER BY id DESC LIMIT 50"
            )
        ).scalars()
    )
    assert "ix_event_subject" in plan


@pytest.mark.parametrize("login", ["sara", "nobody"])
def test_a_lock_is_told_once_and_of_known_accounts_alone(
    app: Flask, clock: MovingClock, login: str
) -> None:
    for number in range(past.MOST_PER_LOGIN):
        with transaction_of(app):
            assert (
                entrance.enter(f" {login.title()} ", "wrong", f"10.0.0.{number}", clock()) is None
            )
        clock.move(seconds=1)
    with transaction_of(app) as session:
        failures = past.failures_of(login, clock())
        assert failures.times == past.MOST_PER_LOGIN
        assert failures.last == clock() - timedelta(seconds=1)
        first = clock() - timedelta(seconds=past.MOST_PER_LOGIN)
        assert failures.locked_until == first + timedelta(minutes=15)
        kinds = [one.kind for one in session.query(Event)]
        assert kinds == (["sign_in_locked"] if login == "sara" else [])
    clock.move(minutes=15)
    with transaction_of(app):
        assert past.failures_of(login, clock()).locked_until is None


def test_a_failed_sign_in_holds_up_nobody_s_work(app: Flask, clock: MovingClock) -> None:
    """Whatever somebody does names them in the history, which asks that they are there."""
    conninfo = app.extensions["peygir.settings"].conninfo
    there = "SELECT 1 FROM staff_user WHERE login = 'sara' FOR KEY SHARE NOWAIT"
    with transaction_of(app), psycopg.connect(conninfo) as other:
        assert entrance.enter("sara", "wrong", "10.0.0.1", clock()) is None
        assert other.execute(there).fetchone()
