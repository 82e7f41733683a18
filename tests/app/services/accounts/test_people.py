"""Signing in, tokens, and the guards of the doors."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db import transaction
from app.errors import Invalid, KeyReused, TooManyAttempts, WrongCredentials
from app.models import ApiToken, ServiceRequest
from app.services.accounts import api_tokens, people, safety
from tests.app.services.story import actor, submit
from tests.support.cast import PASSWORD
from tests.support.clock import MovingClock


def test_the_right_password_signs_in(session: Session) -> None:
    assert people.sign_in(" Sara ", PASSWORD).login == "sara"


@pytest.mark.parametrize(
    ("login", "password"), [("sara", "wrong"), ("nobody", PASSWORD), ("", ""), ("sara", "")]
)
def test_every_wrong_way_gets_the_same_answer(session: Session, login: str, password: str) -> None:
    with pytest.raises(WrongCredentials) as refused:
        people.sign_in(login, password)
    assert str(refused.value) == "The name or the password is not right."


def test_a_deactivated_user_is_out_at_once(session: Session, clock: MovingClock) -> None:
    user = people.by_login("sara")
    token = api_tokens.issue("sara", "mine", clock())
    session.flush()
    epoch = user.session_epoch
    assert people.find_user(user.id, epoch, clock()) is not None
    people.deactivate(user)
    session.flush()
    assert people.find_user(user.id, epoch, clock()) is None
    assert api_tokens.find_actor(token, clock()) is None
    with pytest.raises(WrongCredentials):
        people.sign_in("sara", PASSWORD)


def test_a_new_password_ends_all_sessions(session: Session, clock: MovingClock) -> None:
    user = people.by_login("sara")
    epoch = user.session_epoch
    people.set_password(user, "another long one")
    session.flush()
    assert people.find_user(user.id, epoch, clock()) is None
    with pytest.raises(Invalid):
        people.set_password(user, "short")


def test_a_token_is_kept_as_a_digest_and_ends(session: Session, clock: MovingClock) -> None:
    token = api_tokens.issue("sara", "mine", clock(), expires_at=clock() + timedelta(days=1))
    session.flush()
    kept = session.scalars(select(ApiToken).where(ApiToken.name == "mine")).one()
    assert token not in kept.sha256
    assert api_tokens.find_actor(token, clock()) == people.actor_of(people.by_login("sara"))
    assert api_tokens.find_actor(token, clock.move(days=2)) is None
    assert api_tokens.find_actor(token + "x", clock()) is None
    assert api_tokens.revoke("sara", clock(), name="mine") == 1


def test_attempts_are_counted_and_forgotten(session: Session, clock: MovingClock) -> None:
    for _ in range(5):
        safety.check_attempts("login", "sara", 5, clock())
        safety.count_attempt("login", "sara", clock())
        session.flush()
    with pytest.raises(TooManyAttempts):
        safety.check_attempts("login", "sara", 5, clock())
    safety.check_attempts("login", "reza", 5, clock())
    safety.check_attempts("login", "sara", 5, clock.move(minutes=16))


def test_a_key_is_answered_once_also_in_parallel(app: Flask, clock: MovingClock) -> None:
    def call(_: int) -> str:
        with app.app_context(), transaction():
            who = actor("partner").id or 0

            def act() -> tuple[int, dict[str, str]]:
                return 201, {"number": submit(clock()).number}

            return str(safety.answer_once(who, "key-1", {"a": 1}, clock(), act)[1]["number"])

    with ThreadPoolExecutor(6) as pool:
        answers = set(pool.map(call, range(6)))
    assert len(answers) == 1
    with app.app_context(), transaction() as session:
        assert len(session.scalars(select(ServiceRequest.id)).all()) == 1
        with pytest.raises(KeyReused):
            safety.answer_once(
                actor("partner").id or 0, "key-1", {"a": 2}, clock(), lambda: (201, {})
            )
