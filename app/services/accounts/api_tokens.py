"""Bearer tokens of people and programs, with which they call the API."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime

from sqlalchemy import bindparam, or_, select

from app.access import SYSTEM, Actor
from app.db import look_first, session
from app.models import ApiToken, User
from app.services.accounts import past, people


def find_actor(token: str, now: datetime) -> Actor | None:
    """As who the bearer of a token acts: an active user whose token is neither revoked nor
    expired."""
    found = look_first(_TOKEN_USER, {"sha256": _digest(token), "now": now}).one_or_none()
    if found is None:
        return None
    return Actor(
        kind="user",
        id=found.id,
        login=found.login,
        names=found.names,
        roles=frozenset(found.roles),
        groups=frozenset(found.groups),
        language=found.language,
    )


_TOKEN_USER = (
    select(User.id, User.login, User.names, User.roles, User.language, people.GROUPS_NOW)
    .join(ApiToken, ApiToken.user_id == User.id)
    .where(
        ApiToken.sha256 == bindparam("sha256"),
        ApiToken.revoked_at.is_(None),
        or_(ApiToken.expires_at.is_(None), ApiToken.expires_at > bindparam("now")),
        User.is_active,
    )
)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def issue(
    login: str, name: str, now: datetime, *, expires_at: datetime | None = None, by: Actor = SYSTEM
) -> str:
    """A new bearer token of the user, to be shown once; only its SHA-256 is kept."""
    user = people.by_login(login)
    token = "pgr_" + secrets.token_urlsafe(32)
    session().add(
        ApiToken(
            user_id=user.id, name=name, sha256=_digest(token), created_at=now, expires_at=expires_at
        )
    )
    until = expires_at.isoformat() if expires_at else None
    past.note("token_issued", user, by, now, token=name, until=until)
    return token


def revoke(
    login: str, now: datetime, *, name: str | None = None, by: Actor = SYSTEM
) -> int:  # fmt: skip
    """End the user's tokens, all or those of that name; how many were ended."""
    user = people.by_login(login)
    query = select(ApiToken).where(ApiToken.user_id == user.id, ApiToken.revoked_at.is_(None))
    tokens = [t for t in session().scalars(query) if name is None or t.name == name]
    for token in tokens:
        token.revoked_at = now
        past.note("token_revoked", user, by, now, token=token.name)
    return len(tokens)
