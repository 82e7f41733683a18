"""Addresses that nothing is sent to: who asked for it, opted out, or cannot be reached there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from time import monotonic
from typing import Literal, get_args

from flask import current_app
from sqlalchemy import bindparam, delete, literal_column, select
from sqlalchemy.dialects.postgresql import insert

import connectors
from app.access import Actor
from app.db import run, session
from app.models import NoContact
from app.services import history
from connectors.phones import read_phone

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


def all_barred() -> list[NoContact]:
    """All such addresses, the oldest first."""
    return list(session().scalars(select(NoContact).order_by(NoContact.since, NoContact.id)))


def bar(kind: Kind, address: str, reason: Reason, actor: Actor, now: datetime) -> bool:
    """Send nothing there from now on; False when it was so already, or it is no address."""
    key = key_of(kind, address)
    if key is None or reason not in get_args(Reason):
        return False
    values = {"kind": kind, "address": key, "reason": reason, "since": now, "by": actor.id}
    made = insert(NoContact).values(values).on_conflict_do_nothing().returning(NoContact.id)
    is_new = session().scalar(made) is not None
    if is_new:
        history.note("contact_barred", actor, now, data={"kind": kind, "reason": reason})
        forget()
    return is_new


def allow(kind: Kind, address: str, actor: Actor, now: datetime) -> bool:
    """Send there again; False when that was allowed anyway."""
    gone = delete(NoContact).where(
        NoContact.kind == kind, NoContact.address == key_of(kind, address)
    )
    was_barred = session().scalar(gone.returning(NoContact.id)) is not None
    if was_barred:
        history.note("contact_allowed", actor, now, data={"kind": kind})
        forget()
    return was_barred


def forget() -> None:
    """Look again at the next question whether there is any."""
    current_app.extensions.pop(_KNOWN, None)


def _any_kept() -> bool:
    at, found = current_app.extensions.get(_KNOWN, (-FRESH_FOR, False))
    if monotonic() - at >= FRESH_FOR:
        found = bool(run(_ANY).scalar())
        current_app.extensions[_KNOWN] = (monotonic(), found)
    return bool(found)


_KNOWN = "peygir.no_contact"
_ANY = select(select(literal_column("1")).select_from(NoContact).exists())
_ONE = select(NoContact.id).where(
    NoContact.kind == bindparam("kind"), NoContact.address == bindparam("address")
)
