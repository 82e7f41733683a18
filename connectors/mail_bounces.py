"""What mail servers say about letters of ours that did not arrive (RFC 3464, and plainer ones)."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message

from flufl.bounce import all_failures

from connectors.mail_words import decode_header, tidy_line

_DEAD = re.compile(r"5\.(1\.\d+|2\.1|4\.4)")
"""The address itself is wrong or shut (RFC 3463); others, such as a full box, may pass."""
_STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")
_SENDERS = re.compile(r"(mailer-daemon|postmaster|mail-?delivery|mdaemon)([+.-].*)?", re.IGNORECASE)
_SUBJECT = re.compile(
    r"undeliver|delivery (status|failure|has failed)|returned mail|failure notice|delivery failed"
    r"|could not be delivered|mail system error|تحویل داده نشد|ناموفق",
    re.IGNORECASE,
)
_MOST = 50
# Whoever writes such a mail could fill our log with it.
logging.getLogger("flufl.bounce").setLevel(logging.CRITICAL + 1)


@dataclass(frozen=True)
class Bounce:
    """A letter that failed for one address."""

    recipient: str
    """The address as the report names it, in lower case; empty when it names none."""
    is_dead: bool
    """Whether the address should not be written to again."""
    words: str
    """The status and what the other server said, on one short line."""


def read(message: Message, sender: str) -> tuple[Bounce, ...]:
    """The failures that the mail reports; none for any other mail and for mere delays."""
    found = tuple(_reported(message))
    if found or not seems_bounce(sender, decode_header(str(message.get("subject", ""))[:500])):
        return found
    return tuple(_recognised(message))


def seems_bounce(sender: str, subject: str) -> bool:
    """Whether a mail to the address that only failures go to looks like one, though nothing in
    it can be read by machine."""
    return bool(_SENDERS.fullmatch(sender.partition("@")[0]) or _SUBJECT.search(subject))


def _reported(message: Message) -> Iterator[Bounce]:
    for block in _blocks(message):
        recipient = _field(block, "final-recipient") or _field(block, "original-recipient")
        if not recipient or _field(block, "action").casefold() != "failed":
            continue
        status = _STATUS.search(_field(block, "status"))
        code = status[0] if status else ""
        said = _field(block, "diagnostic-code")
        is_dead = bool(_DEAD.fullmatch(code)) or (code == "5.0.0" and " 550" in f" {said}")
        address = _after_type(recipient).strip("<> ").casefold()[:254]
        yield Bounce(address, is_dead, tidy_line(f"{code} {_after_type(said)}")[:200])


def _blocks(message: Message) -> Iterator[Message]:
    """The groups of fields of the delivery status, the one on the whole message among them."""
    if message.get_content_type() != "multipart/report":
        return
    for part in message.get_payload() if message.is_multipart() else ():
        if isinstance(part, Message) and part.get_content_type() == "message/delivery-status":
            payload = part.get_payload()
            blocks = payload if isinstance(payload, list) else []
            yield from (one for one in blocks[:_MOST] if isinstance(one, Message))


def _field(block: Message, name: str) -> str:
    return tidy_line(str(block.get(name, "")))[:1000]


def _after_type(value: str) -> str:
    """``rfc822; ali@example.org`` without its type."""
    return value.partition(";")[2].strip() if ";" in value else value


def _recognised(message: Message) -> Iterator[Bounce]:
    """What the library knows of the many texts in use; a slow or broken one tells nothing."""
    _temporary, permanent = all_failures(message)
    for address in sorted(permanent)[:_MOST]:
        name = address.decode("ascii", "replace") if isinstance(address, bytes) else str(address)
        yield Bounce(name.strip("<> ").casefold()[:254], True, "")
