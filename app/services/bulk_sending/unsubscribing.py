"""The link in letters of mailings by which their receiver ends them, and may begin them again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from itsdangerous import BadSignature
from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from app.access import SYSTEM, Actor
from app.db import session
from app.errors import Invalid, NotFound
from app.models import Delivery, MailingRefusal
from app.models.history import MAILING
from app.services import history
from app.services.sending import answering, no_contact

ENDED, BEGUN = "unsubscribed", "subscribed"
ACTS = (ENDED, BEGUN)
"""What the history of a mailing says of those who got it."""


@dataclass(frozen=True)
class Asked:
    """What a link is about."""

    kind: no_contact.Kind | None
    """None in a letter sent as a trial, whose link changes nothing."""
    address: str = ""
    mailing_id: int | None = None
    is_off: bool = False
    """Whether mailings are ended already."""


def find(token: str) -> Asked:
    """What the link is about; raises NotFound for one that is not ours."""
    try:
        reference = answering.signer().unsign(token.encode()).decode()
    except (BadSignature, UnicodeError):
        raise NotFound from None
    if reference == answering.TRIED:
        return Asked(None)
    row = session().scalar(select(Delivery).where(Delivery.reference == reference))
    if row is None or row.mailing_id is None:
        raise NotFound
    kind = no_contact.KIND_OF[row.channel]
    address = no_contact.key_of(kind, row.recipient) or row.recipient
    return Asked(kind, address, row.mailing_id, is_refused(kind, address))


def is_refused(kind: no_contact.Kind, address: str) -> bool:
    """Whether no mailings are sent there."""
    query = select(MailingRefusal.id).where(
        MailingRefusal.kind == kind, MailingRefusal.address == address
    )
    return session().scalar(query) is not None


def end(asked: Asked, now: datetime, actor: Actor = SYSTEM) -> bool:
    """Send no mailings there from now on; false when that was so already."""
    if asked.kind is None:
        return False
    values: Mapping[str, object] = {"kind": asked.kind, "address": asked.address, "since": now}
    made = insert(MailingRefusal).values(values).on_conflict_do_nothing()
    is_new = session().scalar(made.returning(MailingRefusal.id)) is not None
    if is_new:
        _note(asked, ENDED, actor, now)
    return is_new


def begin_again(asked: Asked, now: datetime, actor: Actor = SYSTEM) -> bool:
    """Send mailings there again; false when that was so already."""
    gone = delete(MailingRefusal).where(
        MailingRefusal.kind == asked.kind, MailingRefusal.address == asked.address
    )
    was_off = session().scalar(gone.returning(MailingRefusal.id)) is not None
    if was_off:
        _note(asked, BEGUN, actor, now)
    return was_off


def of_address(address: str) -> Asked:
    """The same for an address that somebody has told us; raises Invalid with ``address``."""
    kind: no_contact.Kind = "email" if "@" in address else "phone"
    key = no_contact.key_of(kind, address)
    if key is None:
        raise Invalid({"address": ["This is no e-mail address and no telephone number."]})
    return Asked(kind, key)


def _note(asked: Asked, act: str, actor: Actor, now: datetime) -> None:
    element = str(asked.mailing_id) if asked.mailing_id is not None else None
    data = {"act": act, "kind": asked.kind, "address": asked.address}
    history.note(MAILING, actor, now, element=element, data=data)
