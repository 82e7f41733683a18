"""Mails of a mailbox: failures, machines and floods are sorted out before anything is told."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from app import running
from app.models import InboundMessage
from app.models.inbound import AUTOMATIC, BOUNCE, QUARANTINED, TRIAGE
from app.services.casework import attachments
from app.services.intake import bounced, doubts, mail_rules, receiving
from app.services.intake.incoming import KNOWN, Incoming, Opening, Outcome
from app.services.sending import answering, channels
from app.services.sending.channels import Opened
from connectors import address, mail_proof, mail_quotes
from connectors.mail_heads import read_head
from connectors.mail_parts import Unreadable
from connectors.mail_reading import Mail
from connectors.mail_threads import Marks, read_marks, tokens

MEDIUM = "email"
_WRITTEN = re.compile(rb"(?im)^(?:from|to|subject|date|message-id):[^\r\n]*")
_HEAD = 64 * 1024


@dataclass(frozen=True)
class Fetched:
    """A mail as it lies in a mailbox."""

    uidvalidity: int
    uid: int
    raw: bytes
    """All of it, or its headers alone when it is too large."""

    @property
    def external_id(self) -> str:
        """What tells it from every other mail that was ever in this mailbox."""
        return f"{self.uidvalidity}.{self.uid}"


def take(fetched: Fetched, mail: Mail, box: Opened, now: datetime) -> Outcome:
    """Keep one mail and bring it to its place; ``known`` for one that is kept already."""
    marks = _marks(mail, box)
    incoming = _incoming(fetched, mail, box, marks)
    incoming = replace(incoming, rule=_unless_crowded(incoming.rule, mail, box, now))
    state, why = _judge(mail, marks, box, now)
    row = receiving.keep(incoming, now, state=state or TRIAGE, why=why)
    if row is None:
        return KNOWN
    if state == BOUNCE:
        return bounced.settle(row, mail, _tokens(mail, marks), now)
    return Outcome(state, row) if state else receiving.route(row, incoming, now)


def put_aside(fetched: Fetched, why: str, box: Opened, now: datetime) -> Outcome:
    """Keep a mail that could not be read in quarantine, so that it holds up no other; who wrote
    it, when and about what is told by its headers."""
    row = receiving.keep(_of_head(fetched, box), now, state=QUARANTINED, why=why)
    return KNOWN if row is None else Outcome(QUARANTINED, row)


def _of_head(fetched: Fetched, box: Opened) -> Incoming:
    nothing = Incoming(
        box.way.id, fetched.external_id, MEDIUM, digest_of(fetched.raw), "", "", raw=fetched.raw
    )
    try:
        mail = read_head(fetched.raw)
    except Unreadable:
        return nothing
    return replace(
        nothing, sender=mail.sender.mailbox, sender_name=mail.sender.name, subject=mail.subject,
        recipient=_recipient(mail, box), message_id=mail.message_id, sent_at=mail.sent_at,
    )  # fmt: skip


def take_again(row: InboundMessage, mail: Mail, box: Opened, now: datetime) -> Outcome:
    """Bring a mail to its place that a person has released from quarantine."""
    uidvalidity, _, uid = row.external_id.partition(".")
    fetched = Fetched(int(uidvalidity), int(uid), b"")
    incoming = _incoming(fetched, mail, box, _marks(mail, box))
    for name in ("sender", "sender_name", "subject", "recipient", "body", "whole", "html", "proof"):
        setattr(row, name, getattr(incoming, name))
    row.files, row.sent_at = len(incoming.uploads), incoming.sent_at
    # What a person lets through is not put back where it was by the same rules.
    return receiving.route(row, replace(incoming, rule=_not_back(incoming.rule)), now)


def _not_back(rule: Callable[[], Opening]) -> Callable[[], Opening]:
    def judged() -> Opening:
        found = rule()
        return found if found.service else Opening(why="released")

    return judged


def _unless_crowded(
    rule: Callable[[], Opening], mail: Mail, box: Opened, now: datetime
) -> Callable[[], Opening]:
    """The rule while the mailbox and the sender's domain have not brought more new mails within a
    day than they may; above that a person decides. Senders are easily made up, domains are not."""

    def judged() -> Opening:
        most = box.options["most_new_per_day"]
        of_box, of_domain = receiving.new_lately(box.way.id, _domain(mail), most + 1, now)
        if of_box > most:
            return Opening(state=QUARANTINED, why="many_new")
        if of_domain > box.options["most_new_per_domain"]:
            return Opening(state=QUARANTINED, why="many_of_domain")
        return rule()

    return judged


def _domain(mail: Mail) -> str:
    return mail.sender.mailbox.rpartition("@")[2]


def uploads_of(mail: Mail) -> list[attachments.Upload]:
    """The files of a mail as the attachments of a request take them."""
    return [attachments.Upload(one.name, one.content) for one in mail.files]


def digest_of(raw: bytes) -> str:
    """SHA-256 of what the sender wrote: the body and a few headers, without what servers add on
    the way, which differs between two copies of one mail."""
    ends = [at for mark in (b"\r\n\r\n", b"\n\n") if (at := raw.find(mark)) >= 0]
    cut = min(ends, default=len(raw))
    head = sorted(_WRITTEN.findall(raw[: min(cut, _HEAD)]))
    written = hashlib.sha256(b"\n".join(head))
    written.update(raw[cut:].strip())
    return written.hexdigest()


def _marks(mail: Mail, box: Opened) -> Marks:
    return read_marks(mail.recipients, _addresses(box), answering.key())


def _addresses(box: Opened) -> list[str]:
    given = (box.options["address"], box.options["failure_address"])
    return [one.casefold() for one in given if one]


def _incoming(fetched: Fetched, mail: Mail, box: Opened, marks: Marks) -> Incoming:
    reading = mail_quotes.fold(mail.text)
    recipient = _recipient(mail, box)
    proof = _proof(mail, box)
    rule = mail_rules.Question(mail.sender, recipient, mail.subject, reading.said, proof)
    is_sure = bool(mail.sender.mailbox) and proof != "fail"
    return Incoming(
        channel_id=box.way.id,
        external_id=fetched.external_id,
        medium=MEDIUM,
        digest=digest_of(fetched.raw),
        sender=mail.sender.mailbox,
        sender_name=mail.sender.name,
        recipient=recipient,
        subject=mail.subject,
        body=reading.said,
        whole=mail.text if reading.quoted else None,
        html=mail.html,
        raw=fetched.raw,
        message_id=mail.message_id,
        sent_at=mail.sent_at,
        uploads=uploads_of(mail),
        number=marks.number,
        tokens=tokens(mail.references),
        event=box.options["message"],
        keys=[mail.sender.mailbox] if is_sure else [],
        proof=proof,
        rule=lambda: _judge_rule(box, rule, marks),
    )


def _judge_rule(box: Opened, rule: mail_rules.Question, marks: Marks) -> Opening:
    """What the mailbox does with a mail that belongs to nothing; a sign that is not ours is named
    to the person who decides, and on the request that is opened nonetheless."""
    found = mail_rules.judge(box.options["decision"], rule)
    is_seen = bool(found.service) or found.state == TRIAGE
    return replace(found, why=doubts.WRONG_SIGN) if marks.has_wrong_sign and is_seen else found


def _proof(mail: Mail, box: Opened) -> str:
    name = box.options["authserv_id"]
    return mail_proof.judge(mail.trace, name, _domain(mail)) if name else ""


def _recipient(mail: Mail, box: Opened) -> str:
    """The address the mail was sent to, ours where it names one."""
    plain = {one: re.sub(r"\+[^@]*@", "@", one) for one in mail.recipients}
    ours = _addresses(box)
    return next((one for one in plain.values() if one in ours), next(iter(plain.values()), ""))


def _judge(mail: Mail, marks: Marks, box: Opened, now: datetime) -> tuple[str, str]:
    """The state of a mail that is not to be routed, with the reason; empty for one that is."""
    if mail.bounces or (marks.token and mail.is_failure):
        return BOUNCE, "unknown_letter"
    if mail.automatic:
        return AUTOMATIC, mail.automatic
    if mail.sender.mailbox in _own_senders(box):
        return AUTOMATIC, "own"
    if not mail.sender.mailbox:
        return QUARANTINED, "no_sender"
    most = box.options["most_per_day"]
    if receiving.sent_lately(mail.sender.mailbox, most, now) >= most:
        return QUARANTINED, "too_many"
    return "", ""


def _own_senders(box: Opened) -> set[str]:
    """The addresses that our own letters come from."""
    senders = [one.options["sender"] for one in channels.of_kind("email")]
    named = (running.settings().mail_from, *senders)
    return {*_addresses(box), *(address(one).mailbox.casefold() for one in named)}


def _tokens(mail: Mail, marks: Marks) -> list[str]:
    """The letters of ours that a failure may be about, the surest first."""
    named: Iterable[Any] = [marks.token] if marks.token else []
    return list(dict.fromkeys([*named, *tokens(mail.returned), *tokens(mail.references)]))
