"""What happened to an account, for administrators: who, when and what, never a secret."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from app.access import Actor
from app.models import User
from app.services import history
from app.services.accounts import safety

GROUPS = "house:groups"
"""Under what the history tells of the groups themselves."""
SIGN_IN = "sign_in_login"
"""The scope under which failed sign-ins are counted by their login."""
MOST_PER_LOGIN = 10
"""Failures within a quarter of an hour after which a login must wait."""


class Failures(NamedTuple):
    """Failed sign-ins of one login in the last two days."""

    times: int
    last: datetime | None
    locked_until: datetime | None


def element_of(user: User) -> str:
    """Under what the history tells of a user."""
    return f"user:{user.login}"


def note(kind: str, user: User, actor: Actor, now: datetime, **data: Any) -> None:
    """Write what happened to an account."""
    history.note(kind, actor, now, element=element_of(user), data=data)


def standing(user: User) -> dict[str, list[str]]:
    """The roles and groups of a user, as the history tells them."""
    return {"roles": sorted(user.roles), "groups": sorted(one.key for one in user.groups)}


def note_placed(
    user: User, before: dict[str, list[str]], actor: Actor, now: datetime
) -> None:  # fmt: skip
    """Write which roles and groups have changed; nothing when none have."""
    after = standing(user)
    if before != after:
        note("user_placed", user, actor, now, before=before, after=after)


def failures_of(login: str, now: datetime) -> Failures:
    """How often somebody failed to sign in with this login, and until when it must wait."""
    moments = list(safety.moments(SIGN_IN, login))
    return Failures(len(moments), next(iter(moments), None), _locked_until(moments, now))


def _locked_until(moments: Iterable[datetime], now: datetime) -> datetime | None:
    """It may come in again when the one that filled the count is a quarter of an hour old."""
    fresh = [at for at in moments if at > now - safety.WINDOW]
    if len(fresh) < MOST_PER_LOGIN:
        return None
    return fresh[MOST_PER_LOGIN - 1] + safety.WINDOW
