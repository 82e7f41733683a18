"""Customers: found again by phone or e-mail, so that the memory is one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

import phonenumbers
from sqlalchemy import select

from app.db import session
from app.errors import Invalid
from app.models import ContactPoint, Party
from app.services.texts import is_blank

EMAIL = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[^\s@\x00-\x20<>\"]{1,190}\.[^\s@.]{2,63}"
)
DIGITS = str.maketrans("۰۱۲۳۴۵۶۷۸۹٠١٢٣٤٥٦٧٨٩", "01234567890123456789")


@dataclass(frozen=True)
class Contact:
    """How a customer presents themselves; at least one of phone and e-mail is wanted."""

    name: str
    phone: str | None = None
    email: str | None = None


def identify(contact: Contact, language: str, now: datetime) -> Party:
    """The customer of that phone or e-mail, with what is new added; a new one when unknown.

    A known address joins the same person's record only when the name fits too, since a phone
    may be shared by a family and a stranger must not see another's record.

    Raises Invalid with the fields ``customer.name``, ``customer.phone``, ``customer.email``.
    """
    points = normalise(contact, language)
    name = " ".join(contact.name.split())
    party = _find(points, name)
    if party is None:
        party = Party(name=name, language=language, kind="person", tier="standard", created_at=now)
        session().add(party)
    known = {(point.kind, point.value) for point in party.contact_points}
    for kind, value in points:
        if (kind, value) not in known:
            party.contact_points.append(ContactPoint(kind=kind, value=value))
    session().flush()
    return party


def _find(points: list[tuple[str, str]], name: str) -> Party | None:
    for kind, value in points:
        query = (
            select(Party)
            .join(ContactPoint)
            .where(ContactPoint.kind == kind, ContactPoint.value == value)
            .order_by(Party.id)
        )
        for party in session().scalars(query):
            if fold(party.name) == fold(name):
                return party
    return None


def fold(name: str) -> str:
    """A name for comparison: spaces, half-spaces, case and Arabic letters made one."""
    plain = name.replace("ي", "ی").replace("ك", "ک").replace("\u200c", " ")
    return " ".join(plain.split()).casefold()


def normalise(contact: Contact, language: str) -> list[tuple[str, str]]:
    """The addresses as kept: E.164 phone numbers, lower-case e-mail; raises Invalid."""
    errors: dict[str, list[str]] = {}
    if is_blank(contact.name):
        errors["customer.name"] = [_say("name", language)]
    points = []
    for kind, value, read in (
        ("phone", contact.phone, normalise_phone),
        ("email", contact.email, normalise_email),
    ):
        if value and value.strip():
            found = read(value)
            if found is None:
                errors[f"customer.{kind}"] = [_say(kind, language)]
            else:
                points.append((kind, found))
    if not points and not errors:
        errors["customer.phone"] = [_say("either", language)]
    if errors:
        raise Invalid(errors)
    return points


def normalise_phone(text: str, region: str = "IR") -> str | None:
    """The number in E.164 from any usual writing (0912…, 0098…, Persian digits), or nothing."""
    try:
        number = phonenumbers.parse(text.translate(DIGITS), region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def normalise_email(text: str) -> str | None:
    """The address in lower case, or nothing when it is not one (RFC 5321, ASCII local part)."""
    address = text.strip().lower()
    return address if len(address) <= 254 and EMAIL.fullmatch(address) else None


_WORDS = {
    "name": ("نام خود را بنویسید.", "Enter your name."),
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


def _say(key: str, language: str) -> str:
    fa, en = _WORDS[key]
    return fa if language == "fa" else en
