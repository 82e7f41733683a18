"""The front door: signing in, slowed down for those who guess."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from app.access import SYSTEM
from app.db import session
from app.errors import WrongCredentials
from app.models import User
from app.services.accounts import past, people, safety

MOST_PER_LOGIN = past.MOST_PER_LOGIN
MOST_PER_ADDRESS = 50
"""Failures within a quarter of an hour after which an address must wait."""


def enter(login: str, password: str, address: str, now: datetime) -> User | None:
    """The user, or nothing when login and password do not fit; the failure is then counted.

    Raises TooManyAttempts. Nothing is raised for a wrong password, so that the count stays.
    """
    doors = (
        (past.SIGN_IN, login.strip().lower(), MOST_PER_LOGIN),
        ("sign_in_address", address, MOST_PER_ADDRESS),
    )
    for scope, subject, most in doors:
        safety.check_attempts(scope, subject, most, now)
    try:
        return people.sign_in(login, password)
    except WrongCredentials:
        for scope, subject, _ in doors:
            safety.count_attempt(scope, subject, now)
        _note_lock(login.strip().lower(), now)
        return None


def _note_lock(login: str, now: datetime) -> None:
    """Write that a known login must wait, with the failure that filled the count. Failures that
    come at once are counted one after the other, or none of them would find the count full."""
    query = select(User).where(User.login == login).with_for_update(key_share=True)
    user = session().scalar(query)
    if user is None:
        return
    session().flush()
    fresh = [at for at in safety.moments(past.SIGN_IN, login) if at > now - safety.WINDOW]
    if len(fresh) == MOST_PER_LOGIN:
        past.note("sign_in_locked", user, SYSTEM, now, failures=len(fresh))
