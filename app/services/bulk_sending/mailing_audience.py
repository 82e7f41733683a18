"""Who gets a mailing: the customers that conditions describe, or the lines of an uploaded list.

One statement says of each of them the address, the language and why it is left out, if it is: the
same for the count beside the form and for the recipients that are frozen when a mailing begins.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from marshmallow import RAISE, Schema, fields, validate
from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    FromClause,
    Integer,
    ScalarSelect,
    Select,
    String,
    Subquery,
    and_,
    bindparam,
    case,
    column,
    exists,
    false,
    func,
    literal,
    or_,
    select,
    type_coerce,
)
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by
from sqlalchemy.orm import InstrumentedAttribute

from app.access import Actor, parties_seen_by, requests_seen_by
from app.db import session
from app.models import ContactPoint, Contract, MailingRefusal, NoContact, Party, ServiceRequest
from app.models.requests import CLOSED
from app.services.sending.no_contact import KIND_OF

CONDITIONS, LIST = "conditions", "list"
LANGUAGES = ("fa", "en")
NO_ADDRESS, SAME_ADDRESS = "no_address", "same_address"
BARRED, REFUSED = "do_not_contact", "unsubscribed"
_MOBILE = r"^\+(?!98)|^\+989"
"""Numbers that text messages reach: of our own country the mobile ones, of others all."""


class Asked(Schema):
    """Whether a customer has asked for something."""

    class Meta:
        unknown = RAISE

    service = fields.String(load_default="", validate=validate.Length(max=80))
    """Left empty: any."""
    status = fields.String(load_default="any", validate=validate.OneOf(["any", "open", "closed"]))
    since = fields.Date(load_default=None, allow_none=True)
    until = fields.Date(load_default=None, allow_none=True)


class Conditions(Schema):
    """What customers must have in common; of each list one is enough, an empty one asks nothing."""

    class Meta:
        unknown = RAISE

    _each = fields.String(validate=validate.Length(1, 80))
    tiers = fields.List(_each, load_default=list)
    languages = fields.List(fields.String(validate=validate.OneOf(LANGUAGES)), load_default=list)
    branches = fields.List(_each, load_default=list)
    levels = fields.List(_each, load_default=list)
    """Of contracts in force."""
    asked = fields.Nested(Asked, load_default=None, allow_none=True)
    """None: whether they asked for anything or not."""


@dataclass(frozen=True)
class Question:
    """For whom a mailing is meant, seen with the eyes of whoever lets it go out."""

    medium: str
    audience: Mapping[str, Any]
    listed: Sequence[Any]
    written: Sequence[str]
    """The languages in which it is written."""
    fallback: str
    actor: Actor
    now: datetime
    zone: ZoneInfo
    most: int | None = None
    """Look only at the first so many of those who are meant; None for all of them."""


@dataclass(frozen=True)
class Reach:
    """How many a mailing reaches, the first of them, and how many it leaves out for what."""

    count: int
    first: Sequence[Any]
    """Rows with ``party_id``, ``name``, ``address`` and ``language``."""
    left_out: Mapping[str, int]
    of_first: int | None = None
    """Only so many were looked at, and there may be more."""


SHOWN = 8
AT_SIGHT = 5_000
"""So many are looked at when nobody has asked for the count of all; it takes a moment."""


def reach(question: Question) -> Reach:
    """Count whom it reaches."""
    found = meant(question)
    counted = select(found.c.reason, func.count()).group_by(found.c.reason)
    counts = {row.reason: row[1] for row in session().execute(counted)}
    is_part = question.most is not None and sum(counts.values()) >= question.most
    first = select(found).where(found.c.reason.is_(None), ~found.c.is_hidden)
    rows = session().execute(first.order_by(found.c.place).limit(SHOWN)).all()
    return Reach(counts.pop(None, 0), rows, counts, question.most if is_part else None)


def of_customer(question: Question, party_id: int) -> Any | None:
    """The row of one customer who is meant; None for anybody else."""
    found = meant(question)
    query = select(found).where(found.c.party_id == party_id, ~found.c.is_hidden)
    return session().execute(query.limit(1)).first()


def meant(question: Question) -> Subquery:
    """Everybody that is meant: ``place``, ``party_id``, ``name``, ``language``, ``address``,
    ``facts``, the ``reason`` for which somebody is left out, and ``is_hidden``, of lines of a
    list about customers whom the actor may not see. An address stands once."""
    is_list = question.audience.get("source") == LIST
    whole = _listed(question) if is_list else _described(question)
    if question.most is not None:
        whole = whole.order_by("place").limit(question.most)
    picked = whole.subquery("picked")
    turn = func.row_number().over(partition_by=picked.c.address, order_by=picked.c.place)
    numbered = select(picked, turn.label("turn")).subquery("numbered")
    address, kind = numbered.c.address, KIND_OF[question.medium]
    is_again = and_(address.is_not(None), numbered.c.turn > 1)
    reason = case(
        (address.is_(None), NO_ADDRESS),
        (is_again, SAME_ADDRESS),
        (_is_among(NoContact, kind, address), BARRED),
        (_is_among(MailingRefusal, kind, address), REFUSED),
    )
    own = numbered.c.language
    language = case((own.in_(question.written), own), else_=question.fallback)
    return select(
        numbered.c.place, numbered.c.party_id, numbered.c.name, language.label("language"),
        case((is_again, None), else_=address).label("address"), numbered.c.facts,
        reason.label("reason"), numbered.c.is_hidden,
    ).subquery("meant")  # fmt: skip


def _is_among(model: type[NoContact | MailingRefusal], kind: str, address: Any) -> Any:
    return exists().where(model.kind == kind, model.address == address)


def _described(question: Question) -> Select[Any]:
    first = _first_address(question.medium, Party.id)
    none = literal({}, JSONB)
    return select(
        Party.id.label("place"), Party.id.label("party_id"), Party.name, Party.language,
        first.label("address"), none.label("facts"), false().label("is_hidden"),
    ).where(parties_seen_by(question.actor), *_conditions(question))  # fmt: skip


def _first_address(
    medium: str, party_id: ColumnElement[Any] | InstrumentedAttribute[int]
) -> ScalarSelect[Any]:
    """The address by which a customer is reached: the first one of the kind.

    The kind stands in the aggregate, since as a condition it tempts the database, while it has
    counted nothing yet, to read all addresses of the kind anew for each customer.
    """
    values = func.array_agg(aggregate_order_by(ContactPoint.value, ContactPoint.id))
    found = type_coerce(values.filter(*_usable(medium)), ARRAY(String))
    return select(found[1]).where(ContactPoint.party_id == party_id).scalar_subquery()


def _usable(medium: str) -> list[ColumnElement[bool]]:
    kind = ContactPoint.kind == KIND_OF[medium]
    return [kind, ContactPoint.value.regexp_match(_MOBILE)] if medium == "sms" else [kind]


def _conditions(question: Question) -> list[ColumnElement[bool]]:
    wanted = question.audience
    columns = {"tiers": Party.tier, "languages": Party.language, "branches": Party.branch_key}
    found: list[ColumnElement[bool]] = [
        column.in_(wanted[name]) for name, column in columns.items() if wanted.get(name)
    ]
    if wanted.get("levels"):
        today = question.now.astimezone(question.zone).date()
        found.append(_has_contract(wanted["levels"], today))
    if wanted.get("asked"):
        found.append(_has_asked(wanted["asked"], question))
    return found


def _has_contract(levels: Sequence[str], today: date) -> ColumnElement[bool]:
    in_force = and_(
        Contract.starts_on <= today, or_(Contract.ends_on.is_(None), Contract.ends_on >= today)
    )
    return exists().where(Contract.party_id == Party.id, Contract.level.in_(levels), in_force)


def _has_asked(asked: Mapping[str, Any], question: Question) -> ColumnElement[bool]:
    facts = [ServiceRequest.customer_id == Party.id, requests_seen_by(question.actor)]
    if asked.get("service"):
        facts.append(ServiceRequest.service == asked["service"])
    if asked.get("status", "any") != "any":
        is_closed = ServiceRequest.status == CLOSED
        facts.append(is_closed if asked["status"] == "closed" else ~is_closed)
    if asked.get("since"):
        facts.append(ServiceRequest.created_at >= _at(asked["since"], time.min, question.zone))
    if asked.get("until"):
        # The last microsecond of the day, since the day after may lie beyond the calendar.
        facts.append(ServiceRequest.created_at <= _at(asked["until"], time.max, question.zone))
    return exists().where(*facts)


def _at(day: str, clock: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(date.fromisoformat(day), clock, zone)


def _listed(question: Question) -> Select[Any]:
    """The lines of the list, each with the customer that it names or whose address it gives. Of a
    customer whom the actor may not see nothing is read but their number."""
    line = _lines(question.listed)
    known = _known(question)
    party_id = func.coalesce(line.c.customer, known.c.party_id)
    is_seen = parties_seen_by(question.actor)
    first = _if(is_seen, _first_address(question.medium, Party.id))
    return (
        select(
            line.c.place, Party.id.label("party_id"),
            func.coalesce(func.nullif(line.c.name, ""), _if(is_seen, Party.name), "").label("name"),
            func.coalesce(line.c.language, _if(is_seen, Party.language)).label("language"),
            func.coalesce(line.c.address, first).label("address"), line.c.facts,
            and_(Party.id.is_not(None), ~is_seen).label("is_hidden"),
        )
        .outerjoin(known, known.c.value == line.c.address)
        .outerjoin(Party, Party.id == party_id)
    )  # fmt: skip


def _if(condition: ColumnElement[bool], value: Any) -> Any:
    return case((condition, value))


def _lines(listed: Sequence[Any]) -> FromClause:
    rows = bindparam("listed", [{"place": n, **one} for n, one in enumerate(listed)], type_=JSONB)
    return (
        func.jsonb_to_recordset(rows)
        .table_valued(
            *_typed(place=Integer, customer=BigInteger, address=String, name=String),
            *_typed(language=String, facts=JSONB),
            name="line",
        )
        .render_derived(with_types=True)
    )


def _typed(**types: Any) -> list[Any]:
    return [column(name, type_) for name, type_ in types.items()]


def _known(question: Question) -> Subquery:
    """Whose record holds an address that stands in the list by itself: the oldest one's."""
    given = [one["address"] for one in question.listed if one.get("address")]
    among = ContactPoint.value == func.any(bindparam("given", given, type_=ARRAY(String)))
    oldest = func.min(ContactPoint.party_id).label("party_id")
    query = select(ContactPoint.value, oldest).where(*_usable(question.medium), among)
    return query.group_by(ContactPoint.value).subquery("known")
