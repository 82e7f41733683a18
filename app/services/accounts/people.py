"""Staff and programs: signing in, passwords, groups."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from sqlalchemy import String, bindparam, func, or_, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import joinedload, selectinload

from app.access import SYSTEM, Actor
from app.db import session
from app.errors import Invalid, NoSuch, WrongCredentials
from app.models import Absence, Group, Membership, User
from app.services import history
from app.services.accounts import past

_hasher = PasswordHasher()
_NO_ONE = _hasher.hash(secrets.token_urlsafe())
"""Checked when a login is unknown, so that the answer takes as long as for a known one."""

SHORTEST_PASSWORD = 10


def actor_of(user: User) -> Actor:
    """The user as the one who acts."""
    return Actor(
        kind="user",
        id=user.id,
        login=user.login,
        names=user.names,
        roles=frozenset(user.roles),
        groups=user.stands_in.union(group.key for group in user.groups),
        language=user.language,
    )


def reader(user: User) -> Actor:
    """The user as who reads a request, which no group of theirs decides: without them, since each
    user's groups cost a statement."""
    roles = frozenset(user.roles)
    return Actor("user", user.id, user.login, user.names, roles, language=user.language)


def sign_in(login: str, password: str) -> User:
    """The user whose login and password fit; raises WrongCredentials, the same for every cause."""
    user = session().scalar(select(User).where(User.login == login.strip().lower()))
    known = user.password_hash if user and user.is_active else None
    fits = check_password(known or _NO_ONE, password)
    if user is None or known is None or not fits:
        raise WrongCredentials
    if _hasher.check_needs_rehash(known):
        user.password_hash = _hasher.hash(password)
    return user


def check_password(password_hash: str, password: str) -> bool:
    """Whether the password fits its argon2id hash."""
    try:
        return _hasher.verify(password_hash, password)
    except VerifyMismatchError:
        return False


_AWAY = Membership.__table__.alias("away")
_OWN = select(Membership.group_key).where(Membership.user_id == User.id).correlate(User)
_INSTEAD = (
    select(_AWAY.c.group_key)
    .join(Absence, Absence.user_id == _AWAY.c.user_id)
    .where(
        Absence.substitute_id == User.id,
        Absence.starts_at <= bindparam("now"),
        Absence.ends_at > bindparam("now"),
    )
    .correlate(User)
)
# Two ways through the index; with OR between them all memberships would be read each time.
GROUPS_NOW = func.array(
    _OWN.union_all(_INSTEAD).scalar_subquery(),
    type_=ARRAY(String),
).label("groups")
"""The user's groups, and those of whoever is away and has this user as substitute."""


def find_user(user_id: int, epoch: int, now: datetime) -> User | None:
    """The active user of a session, unless the session was ended for all meanwhile; with the
    groups of those in whose place the user stands now."""
    query = (
        select(User, func.array_to_string(GROUPS_NOW, ",").label("groups"))
        .where(User.id == user_id, User.is_active, User.session_epoch == epoch)
        .options(joinedload(User.groups))
    )
    found = session().execute(query, {"now": now}).unique().one_or_none()
    if found is None:
        return None
    user: User = found[0]
    user.stands_in = frozenset(filter(None, found.groups.split(",")))
    return user


def by_login(login: str) -> User:
    """The user of that login; raises NoSuch."""
    user = session().scalar(select(User).where(User.login == login.strip().lower()))
    if user is None:
        raise NoSuch(en=f"person or program {login}", fa=f"شخص یا برنامهٔ {login}")
    return user


def add_user(
    login: str,
    names: Mapping[str, str],
    now: datetime,
    *,
    roles: Iterable[str],
    groups: Iterable[str] = (),
    password: str | None = None,
    email: str | None = None,
    language: str | None = None,
    by: Actor = SYSTEM,
) -> User:
    """A new user in these groups; raises Invalid when the login is taken or a group unknown."""
    login = login.strip().lower()
    if session().scalar(select(User.id).where(User.login == login)):
        raise Invalid({"login": [_taken(language)]})
    user = User(
        login=login,
        names=dict(names),
        email=email,
        roles=sorted(set(roles)),
        language=language,
        created_at=now,
        preferences={},
        groups=[find_group(key) for key in dict.fromkeys(groups)],
    )
    if password is not None:
        set_password(user, password, language)
    session().add(user)
    session().flush()
    past.note("user_added", user, by, now, **past.standing(user))
    return user


def _taken(language: str | None) -> str:
    if language == "en":
        return "This login is taken; choose another."
    return "این نام کاربری گرفته شده است؛ نام دیگری برگزینید."


def set_password(user: User, password: str, language: str | None = None) -> None:
    """Give the user a new password and end all its sessions; raises Invalid when too short."""
    if len(password) < SHORTEST_PASSWORD:
        raise Invalid({"password": [_too_short(language)]})
    user.password_hash = _hasher.hash(password)
    end_sessions(user)


def end_sessions(user: User) -> None:
    """Sign the user out everywhere; tokens go on working."""
    user.session_epoch = (user.session_epoch or 0) + 1


def _too_short(language: str | None) -> str:
    if language == "en":
        return f"Use at least {SHORTEST_PASSWORD} characters."
    return f"دست‌کم {SHORTEST_PASSWORD} نویسه بنویسید.".translate(
        str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")
    )


def find_group(key: str) -> Group:
    """The group of that key; raises NoSuch."""
    group = session().get(Group, key)
    if group is None:
        raise NoSuch(en=f"group {key}", fa=f"گروه {key}")
    return group


def add_group(key: str, names: Mapping[str, str], actor: Actor, now: datetime) -> None:
    """A group that somebody adds by hand; one that is there already stays as it is."""
    if session().get(Group, key) is None:
        ensure_group(key, names)
        data = {"key": key, "names": dict(names)}
        history.note("group_added", actor, now, element=past.GROUPS, data=data)


def ensure_group(key: str, names: Mapping[str, str]) -> Group:
    """The group of that key, made when it is new."""
    group = session().get(Group, key)
    if group is None:
        group = Group(key=key, names=dict(names))
        session().add(group)
    return group


def list_users() -> list[User]:
    """All users with their groups, by login."""
    query = select(User).options(selectinload(User.groups)).order_by(User.login)
    return list(session().scalars(query))


def list_groups() -> list[Group]:
    """All groups, by key."""
    return list(session().scalars(select(Group).order_by(Group.key)))


def members(groups: Iterable[str]) -> list[User]:
    """The active users of any of the groups, by login."""
    query = (
        select(User)
        .where(User.is_active, User.groups.any(Group.key.in_(list(groups))))
        .order_by(User.login)
    )
    return list(session().scalars(query))


def at_address(address: str) -> list[User]:
    """The active users of this mailbox or number, by login."""
    is_there = or_(func.lower(User.email) == address.lower(), User.phone == address)
    return list(
        session().scalars(select(User).where(User.is_active, is_there).order_by(User.login))
    )


def managers() -> list[User]:
    """The active users who oversee the work of every group, by login."""
    query = select(User).where(User.is_active, User.roles.contains(["manager"]))
    return list(session().scalars(query.order_by(User.login)))


def of_ids(ids: Iterable[int]) -> list[User]:
    """The active users of these ids, by login."""
    query = select(User).where(User.is_active, User.id.in_(list(ids)))
    return list(session().scalars(query.order_by(User.login)))


def of_logins(logins: Iterable[str]) -> list[User]:
    """The active users of these logins, by login."""
    query = select(User).where(User.is_active, User.login.in_(list(logins)))
    return list(session().scalars(query.order_by(User.login)))


def group_names(key: str) -> Mapping[str, str]:
    """The names of a group; raises NoSuch."""
    group = session().get(Group, key)
    if group is None:
        raise NoSuch(en=f"group {key}", fa=f"گروه {key}")
    return group.names


def operators() -> list[User]:
    """The active people who may lay hands on running processes, by login."""
    roles = User.roles.overlap(["operator", "administrator"])
    query = select(User).where(User.is_active, roles, ~User.roles.contains(["integration"]))
    return list(session().scalars(query.order_by(User.login)))


def deactivate(user: User) -> None:
    """Let the user in no more: sessions end at once, tokens stop working."""
    user.is_active = False
    end_sessions(user)


def prefer(user: User, **preferences: Any) -> None:
    """Keep the user's own settings, such as ``theme`` or ``keys``."""
    user.preferences = {**user.preferences, **preferences}
