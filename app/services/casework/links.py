"""Requests linked to each other: duplicates to the first report, what follows to its cause."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, bindparam, select, text
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.orm import joinedload

from app.access import STAFF, Actor, may_see_request
from app.db import run, session
from app.errors import Forbidden, Invalid
from app.models import RequestLink, ServiceRequest
from app.services import history
from app.services.texts import choose

DUPLICATE, PROBLEM, DISPUTE = "duplicate", "problem", "dispute"
FOLLOW_UP, RELATED = "follow_up", "related"
KINDS = (DUPLICATE, PROBLEM, DISPUTE, FOLLOW_UP, RELATED)

DEEPEST = 50
"""How many originals of originals are looked through for a circle."""


@dataclass(frozen=True)
class Linked:
    """One request as another one's page shows it."""

    kind: str
    direction: str
    """``parent`` or ``child``: what the other request is to this one."""
    request: ServiceRequest
    at: datetime


def link(
    parent: ServiceRequest, child: ServiceRequest, kind: str, actor: Actor, now: datetime
) -> RequestLink:
    """Hang the child on the parent; the same link made twice is one.

    A duplicate has one original: linked to another, it stays related to the former. Raises
    Invalid for a request linked to itself, and when the parent hangs on the child already.
    """
    language = actor.language or "en"
    if kind not in KINDS:
        raise Invalid({"kind": [choose(_WORDS["kind"], language).format(", ".join(KINDS))]})
    if parent.id == child.id:
        raise Invalid({"number": [choose(_WORDS["itself"], language)]})
    if kind == DUPLICATE:
        _check_no_circle(parent, child, language)
        _leave_former_original(parent, child)
    made = session().scalar(_insertion(parent, child, kind, actor, now))
    if made is not None:
        _note(parent, child, kind, actor, now)
    return _find(parent.id, child.id, kind)


class Known(NamedTuple):
    """What a link tells of another request."""

    id: int
    number: str
    confidential: bool


def relate(others: Sequence[Known], request: ServiceRequest, actor: Actor, now: datetime) -> None:
    """Tell that a request is related to earlier ones, with two statements however many they are;
    what is related already stays as it is.

    Its own history alone tells of them, in one entry: they did nothing, and their pages show
    the link.
    """
    if not others:
        return
    ids = [other.id for other in others]
    facts = {"child": request.id, "kind": RELATED, "at": now, "by": actor.id}
    made = set(run(_RELATE, {"parents": ids, **facts}).scalars())
    new = [other for other in others if other.id in made]
    numbers = ", ".join(other.number for other in new if not other.confidential)
    told = {"kind": RELATED, "direction": "parent", "number": numbers or None}
    if new:
        history.note("request_linked", actor, now, request_id=request.id, data=told)


_RELATE = text("""
    INSERT INTO request_link (parent_id, child_id, kind, at, by)
    SELECT unnest(:parents), :child, :kind, :at, :by
    ON CONFLICT DO NOTHING RETURNING parent_id
""").bindparams(
    bindparam("parents", type_=ARRAY(BigInteger)), bindparam("by", type_=BigInteger)
)  # fmt: skip


def link_as_staff(
    request: ServiceRequest, other: ServiceRequest, kind: str, actor: Actor, now: datetime
) -> RequestLink:
    """Hang ``request`` on ``other`` by hand; raises Forbidden for who is not staff.

    Both must have been found by the actor. The process of a duplicate is not led by this: that
    is for the step that matches it.
    """
    if not actor.has(STAFF):
        raise Forbidden
    return link(other, request, kind, actor, now)


def _check_no_circle(parent: ServiceRequest, child: ServiceRequest, language: str) -> None:
    above: int | None = parent.id
    for _ in range(DEEPEST):
        above = session().scalar(
            select(RequestLink.parent_id).where(
                RequestLink.child_id == above, RequestLink.kind == DUPLICATE
            )
        )
        if above is None:
            return
        if above == child.id:
            break
    raise Invalid({"number": [choose(_WORDS["circle"], language)]})


def _leave_former_original(parent: ServiceRequest, child: ServiceRequest) -> None:
    query = select(RequestLink).where(
        RequestLink.child_id == child.id,
        RequestLink.kind == DUPLICATE,
        RequestLink.parent_id != parent.id,
    )
    former = session().scalar(query.with_for_update())
    if former is None:
        return
    if _find_any(former.parent_id, child.id, RELATED) is None:
        former.kind = RELATED
    else:
        session().delete(former)
    session().flush()


def _insertion(  # type: ignore[no-untyped-def]
    parent: ServiceRequest, child: ServiceRequest, kind: str, actor: Actor, now: datetime
):
    row = {"parent_id": parent.id, "child_id": child.id, "kind": kind, "at": now, "by": actor.id}
    made = insert(RequestLink).values(row).on_conflict_do_nothing()
    return made.returning(RequestLink.id)


def _note(
    parent: ServiceRequest, child: ServiceRequest, kind: str, actor: Actor, now: datetime
) -> None:
    history.record(_told(parent, child, kind, actor, now))


def _told(
    parent: ServiceRequest, child: ServiceRequest, kind: str, actor: Actor, now: datetime
) -> list[dict[str, Any]]:
    """Each history tells the number of the other, unless that is confidential."""
    entries = []
    for one, other, direction in ((parent, child, "child"), (child, parent, "parent")):
        number = None if other.confidential else other.number
        told = {"kind": kind, "direction": direction, "number": number}
        entries.append(history.entry("request_linked", actor, now, request_id=one.id, data=told))
    return entries


def _find_any(parent_id: int, child_id: int, kind: str) -> RequestLink | None:
    query = select(RequestLink).where(
        RequestLink.parent_id == parent_id,
        RequestLink.child_id == child_id,
        RequestLink.kind == kind,
    )
    return session().scalar(query)


def _find(parent_id: int, child_id: int, kind: str) -> RequestLink:
    found = _find_any(parent_id, child_id, kind)
    assert found is not None  # noqa: S101  # It was written, or stood, a moment ago.
    return found


def of_request(request: ServiceRequest, actor: Actor) -> list[Linked]:
    """The links of a request in both directions, oldest first.

    Who may not see the other request learns nothing of it, not even that there is one.
    """
    query = (
        select(RequestLink)
        .where((RequestLink.parent_id == request.id) | (RequestLink.child_id == request.id))
        .options(joinedload(RequestLink.parent), joinedload(RequestLink.child))
        .order_by(RequestLink.id)
    )
    links = (_seen_from(request, row) for row in session().scalars(query))
    return [one for one in links if may_see_request(actor, one.request)]


def _seen_from(request: ServiceRequest, row: RequestLink) -> Linked:
    if row.parent_id == request.id:
        return Linked(row.kind, "child", row.child, row.at)
    return Linked(row.kind, "parent", row.parent, row.at)


def may_tell(parent: ServiceRequest, child: ServiceRequest) -> bool:
    """Whether all who may read the child may read the parent as well, so that what is in the one
    may be said in the other."""
    if not parent.confidential:
        return True
    return child.confidential and {*child.named_users} <= {*parent.named_users}


def children_told(parent: ServiceRequest, kind: str = DUPLICATE) -> Sequence[int]:
    """Of the ``children`` those that may know what is in the parent (see ``may_tell``)."""
    ids = children(parent.id, kind)
    if not parent.confidential:
        return ids
    found = session().scalars(select(ServiceRequest).where(ServiceRequest.id.in_(ids)))
    told = {one.id for one in found if may_tell(parent, one)}
    return [one for one in ids if one in told]


def children(request_id: int, kind: str = DUPLICATE) -> Sequence[int]:
    """The ids of the requests that hang on this one by that kind, oldest link first."""
    query = select(RequestLink.child_id).where(
        RequestLink.parent_id == request_id, RequestLink.kind == kind
    )
    return list(session().scalars(query.order_by(RequestLink.id)))


_WORDS = {
    "kind": ("یکی از این‌ها را بنویسید: {}.", "Write one of: {}."),
    "itself": (
        "درخواست را نمی‌توان به خودش پیوند داد.",
        "A request cannot be linked to itself; give the number of another one.",
    ),
    "circle": (
        "آن درخواست خود تکرار این یکی است؛ پیوند را از آن سو بزنید.",
        "That request is a duplicate of this one already; link it to another one.",
    ),
}
