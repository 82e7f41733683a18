"""What comes in finds its place: a process that waits for it, its request, a new request, or a
person who decides.

The kind of channel does not matter here. Whoever fetches a message reads it, keeps it with
:func:`keep`, and hands it to :func:`route` in the same transaction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    BindParameter,
    Exists,
    String,
    bindparam,
    exists,
    func,
    literal_column,
    select,
)
from sqlalchemy.dialects.postgresql import insert

from app.access import Actor
from app.db import run, session
from app.errors import Invalid
from app.models import InboundMessage, ServiceRequest, Subscription
from app.models.inbound import JOINED, NEW, OPENED, TRIAGE
from app.services import history
from app.services.casework import attachments, belonging, messages, requests
from app.services.casework.customers import Contact
from app.services.execution import listening, processes
from app.services.intake import doubts
from app.services.intake.incoming import KNOWN, Incoming, Opening, Outcome
from app.services.sending import no_contact

DAY = timedelta(days=1)


def receive(incoming: Incoming, now: datetime) -> Outcome:
    """Keep a message and bring it to its place; nothing happens for one that is known."""
    row = keep(incoming, now)
    return KNOWN if row is None else route(row, incoming, now)


def keep(
    incoming: Incoming, now: datetime, *, state: str = TRIAGE, why: str = ""
) -> InboundMessage | None:
    """The row of a message; None when this one, or the same by another way, is there already.

    Of two who fetch the same message at once the second waits here until the first has ended.
    """
    values: dict[str, Any] = {name: getattr(incoming, name) for name in _TAKEN}
    values |= {"files": len(incoming.uploads), "received_at": now, "state": state, "why": why}
    made = run(_INSERT, values).one_or_none()
    return session().get_one(InboundMessage, made[0]) if made is not None else None


_PLAIN = ("channel_id", "medium", "digest", "body", "whole", "html", "raw", "sent_at", "proof")
_TAKEN = ("sender", "sender_name", "subject", "recipient", "external_id", "message_id", *_PLAIN)
_KEPT = (*_TAKEN, "files", "received_at", "state", "why")
_COLUMNS = InboundMessage.__table__.c
_GIVEN: Mapping[str, BindParameter[Any]] = {
    name: bindparam(name, type_=_COLUMNS[name].type) for name in _KEPT
}


def _is_known(*names: str) -> Exists:
    same = (_COLUMNS[name] == _GIVEN[name] for name in names)
    return exists(select(literal_column("1")).select_from(InboundMessage.__table__).where(*same))


# A mailbox that is polled tells the same messages each time. A row that is only found to be there
# when it is written has taken a number by then, and the numbers are seen by people.
_NEW_ONE = select(*_GIVEN.values()).where(
    ~_is_known("channel_id", "external_id"), ~_is_known("message_id", "digest")
)
_INSERT = (
    insert(InboundMessage)
    .from_select(_KEPT, _NEW_ONE)
    .on_conflict_do_nothing()
    .returning(InboundMessage.id)
)


def sent_lately(sender: str, most: int, now: datetime) -> int:
    """How many messages of this sender were kept within a day; ``most`` are as many as more."""
    values = {"sender": sender, "since": now - DAY, "most": most}
    return int(run(_COUNT, values).scalar_one())


_LATELY = InboundMessage.received_at > bindparam("since")
_MOST: BindParameter[int] = bindparam("most", type_=BigInteger)
_COUNT = select(func.count()).select_from(
    select(literal_column("1"))
    .where(InboundMessage.sender == bindparam("sender"), _LATELY)
    .limit(_MOST)
    .subquery()
)


def new_lately(channel_id: int, domain: str, most: int, now: datetime) -> tuple[int, int]:
    """How many messages of a day belonged to nothing when this channel got them, and how many of
    these came from senders at the domain; of ``most`` or more the newest alone are counted."""
    values = {"channel_id": channel_id, "since": now - DAY, "domain": f"@{domain}", "most": most}
    of_channel, of_domain = run(_NEW_COUNT, values).one()
    return int(of_channel), int(of_domain)


_NEW = (
    select(InboundMessage.sender)
    .where(
        InboundMessage.channel_id == bindparam("channel_id"),
        _LATELY,
        # The states stand in the text itself, or no plan could use the index of these.
        InboundMessage.state.in_([literal_column(f"'{state}'", String) for state in NEW]),
    )
    .order_by(InboundMessage.received_at.desc())
    .limit(_MOST)
    .subquery()
)
_NEW_COUNT = select(
    func.count(),
    func.count().filter(
        func.right(_NEW.c.sender, func.length(bindparam("domain"))) == bindparam("domain")
    ),
)


def route(row: InboundMessage, incoming: Incoming, now: datetime) -> Outcome:
    """Bring a kept message to a process that waits for it, else to its request, else open a new
    one by the channel's rule, else leave it to a person."""
    request = belonging.request_of(row, incoming)
    if request is not None and belonging.is_from_house(request, incoming):
        return _settle(row, TRIAGE, "colleague")
    heard = _tell_waiting(incoming, request, now)
    if heard:
        return _settle(row, JOINED, "event", _note_heard(row, heard, now))
    if request is not None:
        return join(row, request, incoming.uploads, now)
    opening = incoming.rule()
    if opening.service and row.why == belonging.UNPROVED:
        return _settle(row, TRIAGE, row.why)
    if not opening.service:
        return _settle(row, opening.state, opening.why)
    return open_request(row, opening, incoming.uploads, now)


def join(
    row: InboundMessage,
    request: ServiceRequest,
    uploads: Sequence[attachments.Upload],
    now: datetime,
    why: str = "",
) -> Outcome:
    """Let the message be the customer's word on this request, heard by its process."""
    actor = _speaker(row, request)
    said = messages.say_as_customer(
        request, _words(row, request.language), actor, now,
        channel=row.medium, subject=row.subject or None,
    )  # fmt: skip
    row.interaction_id = said.id
    _attach(request, uploads, actor, now)
    return _settle(row, JOINED, why or row.why, request)


def open_request(
    row: InboundMessage,
    opening: Opening,
    uploads: Sequence[attachments.Upload],
    now: datetime,
    actor: Actor | None = None,
) -> Outcome:
    """Open a request of a service with the message; it waits for a person, who reads why, when
    the service does not take it as it is."""
    language = opening.language or _language_of(f"{row.subject} {row.body}")
    contact = _contact(row)
    good = [one for one in uploads if attachments.why_refused(one) is None]
    submission = requests.Submission(
        opening.service, _subject(row, language), _words(row, language)[:20_000],
        contact, opening.data, good[: attachments.MOST_FILES],
    )  # fmt: skip
    who = actor or Actor("customer", names=dict.fromkeys(("fa", "en"), contact.name))
    try:
        with session().begin_nested():
            made = requests.submit(submission, who, now, channel=row.medium, language=language)
    except Invalid as wrong:
        if actor is not None:
            raise
        return _settle(row, TRIAGE, f"invalid:{','.join(sorted(wrong.errors))}"[:300])
    _note_refused(made, [one for one in uploads if one not in good], who, now)
    doubts.note(doubts.found_in(row, opening.why), row.sender, made, now)
    return _settle(row, OPENED, opening.why, made)


def _settle(
    row: InboundMessage, state: str, why: str, request: ServiceRequest | None = None
) -> Outcome:
    row.state, row.why = state, why
    if request is not None:
        row.request_id = request.id
    return Outcome(state, row, request)


def _note_heard(
    row: InboundMessage, heard: Sequence[ServiceRequest | None], now: datetime
) -> ServiceRequest | None:
    """The first request whose process heard the message; its conversation shows the words."""
    request = next(filter(None, heard), None)
    if request is not None:
        words, actor = _words(row, request.language), _speaker(row, request)
        subject = row.subject or None
        said = messages.keep_as_customer(
            request, words, actor, now, channel=row.medium, subject=subject
        )
        row.interaction_id = said.id
    return request


def _tell_waiting(
    incoming: Incoming, request: ServiceRequest | None, now: datetime
) -> list[ServiceRequest | None]:
    """Give the message to the processes that wait for the channel's event under the first of its
    keys that anybody hears: the number of its request, or what the channel takes for one; their
    requests. One word answers one question, not each that was asked."""
    if not incoming.event:
        return []
    keys = [*([request.number] if request else []), *incoming.keys]
    waiting = run(_WAITING, {"message": incoming.event, "keys": keys}).all() if keys else []
    payload, actor = _payload(incoming, now), _outsider(incoming.sender_name or incoming.sender)
    # All are locked in one order before the first step is taken, as every message does it.
    locked = {one.instance_id: processes.lock(one.instance_id) for one in waiting}
    for key in keys:
        heard = [
            locked[one.instance_id].request
            for one in waiting
            if one.correlation == key
            and listening.deliver_to(one.instance_id, incoming.event, key, payload, actor, now)
        ]
        if heard:
            return heard
    return []


_WAITING = (
    select(Subscription.instance_id, Subscription.correlation)
    .where(
        Subscription.message == bindparam("message"),
        Subscription.correlation.in_(bindparam("keys", expanding=True)),
    )
    .distinct()
    .order_by(Subscription.instance_id)
)


def _payload(incoming: Incoming, now: datetime) -> dict[str, Any]:
    """What a process gets to know of a message. Without a mapping these become its variables, so a
    text message, which has no subject and no name, takes the place of none of these."""
    said = {"from": incoming.sender, "text": incoming.body, "at": now.isoformat()}
    if incoming.medium == "sms":
        return said
    heads = {
        "name": incoming.sender_name, "to": incoming.recipient, "subject": incoming.subject
    }  # fmt: skip
    return said | heads


def _speaker(row: InboundMessage, request: ServiceRequest) -> Actor:
    """The customer, named as the request names them unless another address wrote."""
    given = {one.casefold() for one in (request.contact_email, request.contact_phone) if one}
    if row.sender in given:
        return messages.customer_actor(request)
    name = f"{row.sender_name} ({row.sender})" if row.sender_name else row.sender
    return _outsider(name)


def _outsider(name: str) -> Actor:
    return Actor("customer", names=dict.fromkeys(("fa", "en"), name))


def _contact(row: InboundMessage) -> Contact:
    name = row.sender_name or row.sender.partition("@")[0]
    return Contact(name, **{no_contact.KIND_OF[row.medium]: row.sender})


def _words(row: InboundMessage, language: str) -> str:
    """What is said, as long as a message may be; the whole stays with the row."""
    said = row.body.strip()
    if not said:
        return "(no text)" if language == "en" else "(بدون متن)"
    return said if len(said) <= messages.LONGEST else said[: messages.LONGEST - 1] + "…"


def _subject(row: InboundMessage, language: str) -> str:
    first = row.subject.strip() or " ".join(row.body.split())[:80]
    return (first or ("Message" if language == "en" else "پیام"))[:200]


def _language_of(text: str) -> str:
    """Persian unless most letters are Latin."""
    latin = sum(c.isascii() and c.isalpha() for c in text)
    return "en" if latin * 2 > sum(c.isalpha() for c in text) else "fa"


def _attach(
    request: ServiceRequest, uploads: Sequence[attachments.Upload], actor: Actor, now: datetime
) -> None:
    """Keep the files that are accepted, and tell staff which were not."""
    good = [one for one in uploads if attachments.why_refused(one) is None]
    good = good[: attachments.MOST_FILES]
    attachments.attach(request, good, actor, now)
    _note_refused(request, [one for one in uploads if one not in good], actor, now)


def _note_refused(
    request: ServiceRequest, refused: Sequence[attachments.Upload], actor: Actor, now: datetime
) -> None:
    for one in refused:
        name = attachments.safe_name(one.name)
        data = {"name": name, "why": attachments.why_refused(one) or "too_many"}
        history.note("file_refused", actor, now, request_id=request.id, data=data)
