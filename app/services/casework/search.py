"""Finding requests and customers again, by number, name, phone, e-mail or subject."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, joinedload, selectinload

from app.access import Actor, parties_seen_by, requests_seen_by
from app.db import session
from app.models import ContactPoint, Party, ServiceRequest
from app.services.cursors import read_cursor, read_whole, write_cursor
from connectors.phones import DIGITS, read_phone

T = TypeVar("T")

_LETTERS = str.maketrans("يك", "یک")


@dataclass(frozen=True)
class Found(Generic[T]):
    """Some records, newest first, and the cursor of the next ones when there are more."""

    items: Sequence[T]
    next: str | None


@dataclass(frozen=True)
class RequestFilters:
    """What narrows the list of requests; words may be a number, a name, a phone, a subject."""

    words: str = ""
    status: str = ""
    service: str = ""
    stage: str = ""
    priority: str = ""


def find_requests(
    actor: Actor, filters: RequestFilters, *, cursor: str | None = None, limit: int = 30
) -> Found[ServiceRequest]:
    """The requests that the actor may see, newest first."""
    query = (
        select(ServiceRequest)
        .join(ServiceRequest.customer)
        .options(joinedload(ServiceRequest.customer))
        .where(requests_seen_by(actor), *_narrow(filters))
    )
    return _page(query, ServiceRequest, cursor, limit)


def find_customers(
    actor: Actor, words: str, *, cursor: str | None = None, limit: int = 30
) -> Found[Party]:
    """The customers that the actor may see and whose name, phone or e-mail holds the words,
    newest first."""
    query = select(Party).where(parties_seen_by(actor)).options(selectinload(Party.contact_points))
    if words.strip():
        query = query.where(_names_customer(clean(words)))
    return _page(query, Party, cursor, limit)


def count_requests(party_ids: Sequence[int], actor: Actor) -> dict[int, tuple[int, int]]:
    """Per customer: how many requests there are that the actor may see, and how many are open."""
    query = (
        select(
            ServiceRequest.customer_id,
            func.count(),
            func.count().filter(ServiceRequest.status != "closed"),
        )
        .where(ServiceRequest.customer_id.in_(party_ids), requests_seen_by(actor))
        .group_by(ServiceRequest.customer_id)
    )
    return {party: (total, still_open) for party, total, still_open in session().execute(query)}


def clean(words: str) -> str:
    """Searched words with ASCII digits and Persian letters, as they are kept."""
    return " ".join(words.translate(DIGITS).translate(_LETTERS).split())


def _narrow(filters: RequestFilters) -> list[ColumnElement[bool]]:
    columns = {
        ServiceRequest.status: filters.status,
        ServiceRequest.service: filters.service,
        ServiceRequest.stage: filters.stage,
        ServiceRequest.priority: filters.priority,
    }
    conditions = [column == value for column, value in columns.items() if value]
    if filters.words.strip():
        words = clean(filters.words)
        conditions.append(
            or_(
                ServiceRequest.number.icontains(words, autoescape=True),
                ServiceRequest.subject.icontains(words, autoescape=True),
                _reaches(ServiceRequest.contact_phone, words),
                _reaches(ServiceRequest.contact_email, words),
                _names_customer(words),
            )
        )
    return conditions


def _names_customer(words: str) -> ColumnElement[bool]:
    return or_(
        Party.name.icontains(words, autoescape=True),
        Party.contact_points.any(_reaches(ContactPoint.value, words)),
    )


def _reaches(address: InstrumentedAttribute[Any], words: str) -> ColumnElement[bool]:
    """Whether the address holds the words, or is the phone number that they write otherwise."""
    holds = address.icontains(words.replace(" ", ""), autoescape=True)
    phone = read_phone(words)
    return or_(holds, address == phone) if phone else holds


def _page(query: Select[Any], kind: type[T], cursor: str | None, limit: int) -> Found[T]:
    key = kind.id  # type: ignore[attr-defined]  # Both kinds have one.
    if cursor:
        query = query.where(key < read_cursor(cursor, id=read_whole)["id"])
    rows = list(session().scalars(query.order_by(key.desc()).limit(limit + 1)))
    more = write_cursor({"id": rows[limit - 1].id}) if len(rows) > limit else None
    return Found(rows[:limit], more)
