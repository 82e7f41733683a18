"""Customers: found again by phone or e-mail, so that the memory is one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import NamedTuple, cast

from sqlalchemy import bindparam, select

import connectors
from app.access import Actor
from app.db import session
from app.errors import Invalid
from app.models import Contact, ContactPoint, Party
from app.objects import columns_of, read
from app.saving import append, insert
from app.services.texts import choose, is_blank
from connectors.phones import read_phone

__all__ = [
    "Contact",
    "fold",
    "identify",
    "normalise",
    "normalise_email",
]

LONGEST_NAME = 200


class Identified(NamedTuple):
    """A customer, and whether nobody knew them before."""

    party: Party
    is_new: bool


def identify(contact: Contact, language: str, actor: Actor, now: datetime) -> Identified:
    """The customer of that phone or e-mail, a new one when unknown.

    A known address joins the same person's record only when the name fits too, since a phone
    may be shared by a family. Names and phones are no secret, so whoever is not signed in adds
    nothing to a known record; what staff and programs are told is added.

    ``contact`` is normalised already.
    """
    points = {kind: value for kind, value in _points(contact) if value}
    party = _find(points, contact.name)
    if party is None:
        return Identified(_new(contact.name, language, points, now), is_new=True)
    if actor.kind == "user":
        known = {(point.kind, point.value) for point in party.contact_points}
        _add(party, {k: v for k, v in points.items() if (k, v) not in known})
    return Identified(party, is_new=False)


def _new(name: str, language: str, points: Mapping[str, str], now: datetime) -> Party:
    party = Party(
        name=name, language=language, kind="person", tier="standard", branch_key=None,
        created_at=now,
    )  # fmt: skip
    rows = [{"kind": kind, "value": value} for kind, value in points.items()]
    insert(party, (ContactPoint, rows), by="party_id")
    return party


def _points(contact: Contact) -> tuple[tuple[str, str | None], ...]:
    return ("phone", contact.phone), ("email", contact.email)


def _add(party: Party, points: Mapping[str, str]) -> None:
    rows = [{"party_id": party.id, "kind": kind, "value": v} for kind, v in points.items()]
    if append(ContactPoint, rows):
        session().expire(party, ["contact_points"])


def _find(points: Mapping[str, str], name: str) -> Party | None:
    for kind, value in points.items():
        for (party,) in read(_OF_POINT, {"kind": kind, "value": value}, Party):
            if fold(party.name) == fold(name):
                return cast("Party", party)
    return None


_OF_POINT = (
    select(*columns_of(Party))
    .join(ContactPoint, ContactPoint.party_id == Party.id)
    .where(ContactPoint.kind == bindparam("kind"), ContactPoint.value == bindparam("value"))
    .order_by(Party.id)
)


def fold(name: str) -> str:
    """A name for comparison: spaces, half-spaces, case and Arabic letters made one."""
    plain = name.replace("ي", "ی").replace("ك", "ک").replace("\u200c", " ")
    return " ".join(plain.split()).casefold()


def normalise(contact: Contact, language: str) -> Contact:
    """As it is kept: one space between words, an E.164 phone number, lower-case e-mail.

    Raises Invalid with the fields ``customer.name``, ``customer.phone``, ``customer.email``.
    """
    errors: dict[str, list[str]] = {}
    if is_blank(contact.name):
        errors["customer.name"] = [choose(_WORDS["name"], language)]
    elif len(contact.name) > LONGEST_NAME:
        errors["customer.name"] = [choose(_WORDS["long_name"], language)]
    points: dict[str, str] = {}
    for kind, value in _points(contact):
        if not value or not value.strip():
            continue
        found = _READERS[kind](value)
        if found is None:
            errors[f"customer.{kind}"] = [choose(_WORDS[kind], language)]
        else:
            points[kind] = found
    if not points and not errors:
        errors["customer.phone"] = [choose(_WORDS["either"], language)]
    if errors:
        raise Invalid(errors)
    return Contact(" ".join(contact.name.split()), **points)


def normalise_email(text: str) -> str | None:
    """The address in lower case, or nothing when no letter could be sent to it."""
    typed = text.strip().lower()
    try:
        domain = connectors.address(typed).domain
    except connectors.BadAddress:
        return None
    return typed if "." in domain else None


_READERS: Mapping[str, Callable[[str], str | None]] = {
    "phone": read_phone,
    "email": normalise_email,
}
_WORDS = {
    "name": ("نام خود را بنویسید.", "Enter your name."),
    "long_name": (
        "نام را به حداکثر ۲۰۰ نویسه کوتاه کنید.",
        "Shorten the name to at most 200 characters.",
    ),
    "phone": (
        "شمارهٔ تلفن را کامل بنویسید، مانند ۰۹۱۲۳۴۵۶۷۸۹.",
        "Enter the whole phone number, such as 0912 345 6789 or +44 20 7946 0958.",
    ),
    "email": (
        "نشانی ایمیل را درست بنویسید، مانند name@example.com.",
        "Enter the e-mail address in full, such as name@example.com.",
    ),
    "either": (
        "شمارهٔ تلفن یا نشانی ایمیل خود را بنویسید تا بتوانیم پاسخ دهیم.",
        "Enter a phone number or an e-mail address so that we can answer you.",
    ),
}
