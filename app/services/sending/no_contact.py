"""Addresses that nothing is sent to: who asked for it, opted out, or cannot be reached there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from time import monotonic
from typing import Literal, cast, get_args

from sqlalchemy import bindparam, delete, literal_column, select, tuple_
from sqlalchemy.dialects.postgresql import insert

import connectors
from app import running
from app.access import Actor
from app.db import run, session
from app.errors import Invalid, NoSuch
from app.models import Event, NoContact
from app.models.history import CONTACTS
from app.services import history
from connectors.phones import DIGITS, read_phone

Kind = Literal["email", "phone"]
Reason = Literal["asked", "opted_out", "bounced", "staff"]
KIND_OF: Mapping[str, Kind] = {"email": "email", "sms": "phone"}
"""What kind of address the tasks of a type write to, and messages of that medium come from."""
CODE = "do_not_contact"
FRESH_FOR = 1.0
"""Seconds for which it counts as known whether there is any such address at all."""


class DoNotContact(connectors.Permanent):
    """Nothing may be sent to this address."""

    persian = "به این نشانی نباید چیزی فرستاد."
    default_code = CODE


def key_of(kind: Kind, address: str) -> str | None:
    """The address as it is kept; None for what is none."""
    if kind == "phone":
        return read_phone(address)
    try:
        return connectors.address(address).mailbox.casefold()
    except connectors.BadAddress:
        return None


def check(kind: Kind, address: str) -> None:
    """Raise DoNotContact when nothing may be sent there."""
    if is_barred(kind, address):
        raise DoNotContact


def is_barred(kind: Kind, address: str) -> bool:
    """Whether nothing may be sent there. Where no address is kept at all, as is usual, this costs
    no statement."""
    if not _any_kept():
        return False
    values = {"kind": kind, "address": key_of(kind, address)}
    return bool(run(_ONE, values).all())


def among(kind: Kind, keys: Sequence[str]) -> set[str]:
    """Those of the addresses, in the form in which they are kept, that nothing is sent to."""
    if not keys or not _any_kept():
        return set()
    query = select(NoContact.address).where(NoContact.kind == kind, NoContact.address.in_(keys))
    return set(session().scalars(query))


def barred(addresses: Sequence[tuple[str, str]]) -> set[tuple[str, str]]:
    """Those of the addresses, each with its kind, that nothing is sent to, by one statement."""
    if not addresses or not _any_kept():
        return set()
    keys = {one: (one[0], key_of(cast("Kind", one[0]), one[1])) for one in addresses}
    wanted = tuple_(NoContact.kind, NoContact.address).in_([k for k in keys.values() if k[1]])
    query = select(NoContact.kind, NoContact.address).where(wanted)
    kept = {(row.kind, row.address) for row in session().execute(query)}
    return {one for one, key in keys.items() if key in kept}


def all_barred() -> list[NoContact]:
    """All such addresses, the oldest first."""
    return list(session().scalars(select(NoContact).order_by(NoContact.since, NoContact.id)))


PAGE = 50


def list_page(words: str, *, before: int | None = None) -> list[NoContact]:
    """The newest addresses that hold these words; one more than fits on a page, where there is."""
    query = select(NoContact)
    if words:
        query = query.where(NoContact.address.contains(_sought(words), autoescape=True))
    if before is not None:
        query = query.where(NoContact.id < before)
    return list(session().scalars(query.order_by(NoContact.id.desc()).limit(PAGE + 1)))


def _sought(words: str) -> str:
    """A whole number in its own form; else a part of an address, digits of any script as 0-9."""
    return read_phone(words) or words.translate(DIGITS).casefold()


def find(row_id: int) -> NoContact:
    """One such address; raises NoSuch."""
    row = session().get(NoContact, row_id)
    if row is None:
        raise NoSuch(en=f"address {row_id}", fa=f"نشانی {row_id}")
    return row


def past_of(address: str) -> list[Event]:
    """What was decided about an address, the newest first."""
    kind = kind_of(address)
    key = key_of(kind, address) if kind else None
    if kind is None or key is None:
        return []
    query = select(Event).where(Event.kind.in_(CONTACTS), Event.element == _element(kind, key))
    return list(session().scalars(query.order_by(Event.id.desc()).limit(PAGE)))


def kind_of(address: str) -> Kind | None:
    """Whether it is an e-mail address or a telephone number; None for neither."""
    kind: Kind = "email" if "@" in address else "phone"
    return kind if key_of(kind, address) else None


def bar_by_hand(*, address: str, reason: str, note: str, actor: Actor, now: datetime) -> bool:
    """As :func:`bar`, for what a person typed; raises Invalid with ``address`` and ``reason``."""
    kind, language = kind_of(address), actor.language or "fa"
    wrong = {} if kind else {"address": [_WORDS["address"][language]]}
    if reason not in get_args(Reason):
        wrong["reason"] = [_WORDS["reason"][language]]
    if kind is None or wrong:
        raise Invalid(wrong)
    return bar(kind, address, cast("Reason", reason), actor, now, note=note)


def allow_by_hand(row_id: int, note: str, actor: Actor, now: datetime) -> str:
    """Send to an address again, for a reason that stays in the history; the address. Raises
    Invalid with ``note`` without one."""
    row, language = find(row_id), actor.language or "fa"
    if not _tidy(note):
        raise Invalid({"note": [_WORDS["note"][language]]})
    address = row.address
    allow(cast("Kind", row.kind), address, actor, now, note=note)
    return address


def _tidy(note: str) -> str:
    return " ".join(note.split())[:300]


_WORDS = {
    "address": {
        "fa": "یک نشانی ایمیل یا شمارهٔ تلفن بنویسید.",
        "en": "Enter an e-mail address or a phone number.",
    },
    "reason": {"fa": "دلیل را برگزینید.", "en": "Choose why."},
    "note": {
        "fa": "بنویسید چرا دوباره می‌توان به آن نوشت.",
        "en": "Write why it may be written to again.",
    },
}


def bar(
    kind: Kind, address: str, reason: Reason, actor: Actor, now: datetime, *, note: str = ""
) -> bool:
    """Send nothing there from now on; False when it was so already, or it is no address."""
    key = key_of(kind, address)
    if key is None or reason not in get_args(Reason):
        return False
    values = {"kind": kind, "address": key, "reason": reason, "since": now, "by": actor.id}
    values["note"] = note = _tidy(note)
    made = insert(NoContact).values(values).on_conflict_do_nothing().returning(NoContact.id)
    is_new = session().scalar(made) is not None
    if is_new:
        told = {"kind": kind, "reason": reason, "note": note}
        history.note("contact_barred", actor, now, element=_element(kind, key), data=told)
        forget()
    return is_new


def allow(kind: Kind, address: str, actor: Actor, now: datetime, *, note: str = "") -> bool:
    """Send there again; False when that was allowed anyway."""
    key = key_of(kind, address)
    gone = delete(NoContact).where(NoContact.kind == kind, NoContact.address == key)
    was_barred = session().scalar(gone.returning(NoContact.id)) is not None
    if was_barred:
        told = {"kind": kind, "note": _tidy(note)}
        history.note("contact_allowed", actor, now, element=_element(kind, key or ""), data=told)
        forget()
    return was_barred


def _element(kind: str, key: str) -> str:
    return f"{kind}:{key}"[:200]


def forget() -> None:
    """Look again at the next question whether there is any."""
    running.forget(_KNOWN)


def _any_kept() -> bool:
    at, found = running.kept(_KNOWN, lambda: (-FRESH_FOR, False))
    if monotonic() - at >= FRESH_FOR:
        found = bool(run(_ANY).scalar())
        running.keep(_KNOWN, (monotonic(), found))
    return found


_KNOWN = "peygir.no_contact"
_ANY = select(select(literal_column("1")).select_from(NoContact).exists())
_ONE = select(NoContact.id).where(
    NoContact.kind == bindparam("kind"), NoContact.address == bindparam("address")
)
