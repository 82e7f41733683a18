"""The front door: signing in, slowed down for those who guess."""

from __future__ import annotations

from datetime import datetime

from app.errors import WrongCredentials
from app.models import User
from app.services.accounts import people, safety

MOST_PER_LOGIN, MOST_PER_ADDRESS = 10, 50
"""Failures within a quarter of an hour after which a login or an address must wait."""


def enter(login: str, password: str, address: str, now: datetime) -> User | None:
    """The user, or nothing when login and password do not fit; the failure is then counted.

    Raises TooManyAttempts. Nothing is raised for a wrong password, so that the count stays.
    """
    doors = (
        ("sign_in_login", login.strip().lower(), MOST_PER_LOGIN),
        ("sign_in_address", address, MOST_PER_ADDRESS),
    )
    for scope, subject, most in doors:
        safety.check_attempts(scope, subject, most, now)
    try:
        return people.sign_in(login, password)
    except WrongCredentials:
        for scope, subject, _ in doors:
            safety.count_attempt(scope, subject, now)
        return None
