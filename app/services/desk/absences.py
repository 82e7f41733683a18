"""Absence and substitution: while somebody is away, another person does their tasks.

The substitute stands in the absent person's groups, and what a diagram assigns to the absent
person by name goes to the substitute. Nobody inherits more than that: neither roles nor
confidential requests; and a substitute who is away too has no substitute of their own here.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from sqlalchemy import Select, delete, select
from sqlalchemy.orm import joinedload

from app.access import MANAGER, STAFF, Actor
from app.db import session
from app.errors import Forbidden, Invalid, NoSuch
from app.models import Absence, User
from app.services.texts import choose

LONGEST = timedelta(days=366)


def enter(
    user: User, substitute: str, starts_at: datetime, ends_at: datetime, actor: Actor, now: datetime
) -> Absence:
    """Note that the user is away; the user, or who oversees, may.

    Raises Invalid with the fields ``starts_on``, ``ends_on``, ``substitute``, and Forbidden.
    """
    if actor.id != user.id and not actor.oversees:
        raise Forbidden
    other = session().scalar(select(User).where(User.login == substitute.strip().lower()))
    wrong = _check(user, other, starts_at, ends_at, now)
    if wrong or other is None:
        language = actor.language or "fa"
        raise Invalid({field: [choose(_WORDS[key], language)] for field, key in wrong.items()})
    row = Absence(
        user_id=user.id, substitute_id=other.id, starts_at=starts_at, ends_at=ends_at,
        entered_by=actor.id, created_at=now,
    )  # fmt: skip
    session().add(row)
    session().flush()
    return row


def _check(
    user: User, other: User | None, starts_at: datetime, ends_at: datetime, now: datetime
) -> dict[str, str]:
    wrong = {}
    if other is None or not other.is_active or not {STAFF, MANAGER} & set(other.roles):
        wrong["substitute"] = "nobody"
    elif other.id == user.id:
        wrong["substitute"] = "self"
    if ends_at <= max(starts_at, now):
        wrong["ends_on"] = "order"
    elif ends_at - starts_at > LONGEST:
        wrong["ends_on"] = "long"
    elif session().scalar(_overlapping(user.id, starts_at, ends_at)):
        wrong["starts_on"] = "twice"
    return wrong


def _overlapping(user_id: int, starts_at: datetime, ends_at: datetime) -> Select[int]:
    return select(Absence.id).where(
        Absence.user_id == user_id, Absence.starts_at < ends_at, Absence.ends_at > starts_at
    )


_WORDS = {
    "nobody": ("یکی از همکاران فهرست را برگزینید.", "Choose a colleague from the list."),
    "self": ("کسی جز خود غایب را برگزینید.", "Choose somebody else than who is away."),
    "order": (
        "روز پایان باید پس از روز آغاز و در آینده باشد.",
        "The last day must be after the first one, and not be over.",
    ),
    "long": ("غیبت حداکثر یک سال است.", "An absence lasts a year at most."),
    "twice": (
        "برای بخشی از این روزها جانشین تعیین شده است.",
        "For some of these days there is a substitute already.",
    ),
}


def of_user(user_id: int, now: datetime) -> list[Absence]:
    """The user's absences that are not over, the next one first."""
    query = select(Absence).where(Absence.user_id == user_id, Absence.ends_at > now)
    order = query.options(joinedload(Absence.substitute)).order_by(Absence.starts_at)
    return list(session().scalars(order))


def end(absence_id: int, actor: Actor) -> None:
    """Take an absence back: it counts no more; raises NoSuch for another's."""
    row = session().get(Absence, absence_id)
    if row is None or (actor.id != row.user_id and not actor.oversees):
        raise NoSuch(en=f"absence {absence_id}", fa=f"غیبت {absence_id}")
    session().execute(delete(Absence).where(Absence.id == absence_id))


def substitutes_of(logins: Collection[str], now: datetime) -> Mapping[str, User]:
    """Who stands in now, by the login of who is away."""
    if not logins:
        return {}
    away = select(User.login, Absence.substitute_id).join(Absence, Absence.user_id == User.id)
    query = away.where(User.login.in_(logins), Absence.starts_at <= now, Absence.ends_at > now)
    stands = query.subquery()
    other = select(stands.c.login, User).join(User, User.id == stands.c.substitute_id)
    rows = session().execute(other.where(User.is_active))
    return {row.login: row.User for row in rows}
