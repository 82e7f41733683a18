"""What mail servers say about letters of ours that did not arrive (RFC 3464, and plainer ones)."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import Message

from flufl.bounce import all_failures

from connectors.mail_words import decode, decode_header, tidy_line

_DEAD = re.compile(r"5\.(1\.\d+|2\.1|4\.4)")
"""The address itself is wrong or shut (RFC 3463); others, such as a full box, may pass."""
_STATUS = re.compile(r"(?<![\d.])[245]\.\d{1,3}\.\d{1,3}(?![\d.])")
_UNKNOWN = re.compile(r"unknown|no such|not exist|not found|no mailbox| 550", re.IGNORECASE)
"""What servers say of a wrong address where they give no code for it."""
_PASSING = re.compile(
    r"quota|full|too large|size|spam|block|policy|reputation|denied|connect|time|temporar|later",
    re.IGNORECASE,
)
"""What servers say when the address itself may be right."""
_COPY = re.compile(
    r"(?m)^.{0,10}(below this line|copy of the message|header).{0,80}$", re.IGNORECASE
)
_DELAY = re.compile(r"delay|warning|not yet|تأخیر|تاخیر", re.IGNORECASE)
_SENDERS = re.compile(r"(mailer-daemon|postmaster|mail-?delivery|mdaemon)([+.-].*)?", re.IGNORECASE)
_SUBJECT = re.compile(
    r"undeliver|delivery (status|failure|has failed)|returned mail|failure notice|delivery failed"
    r"|could not be delivered|mail system error|تحویل داده نشد|ناموفق",
    re.IGNORECASE,
)
_MOST = 50
_BEGINNING = 64 * 1024
"""Bytes of a mail in which the many texts in use are looked for: servers say first what is wrong,
and the library takes seconds for each megabyte."""
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


def read(message: Message, sender: str, raw: bytes) -> tuple[Bounce, ...]:
    """The failures that the mail reports; none for any other mail and for mere delays. ``raw`` are
    the bytes of the message."""
    found = tuple(_reported(message))
    if found or not seems_bounce(sender, decode_header(str(message.get("subject", ""))[:500])):
        return found
    if len(raw) > _BEGINNING:
        message = message_from_bytes(raw[:_BEGINNING], policy=policy.compat32)
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
        is_vague = code in ("", "5.0.0")
        is_dead = bool(_DEAD.fullmatch(code)) or (is_vague and bool(_UNKNOWN.search(f" {said}")))
        address = _after_type(recipient).strip("<> ").casefold()[:254]
        yield Bounce(address, is_dead, tidy_line(f"{code} {_after_type(said)}")[:200])


def _blocks(message: Message) -> Iterator[Message]:
    """The groups of fields of the delivery status, the one on the whole message among them."""
    if message.get_content_type() != "multipart/report":
        return
    for part in message.get_payload() if message.is_multipart() else ():
        if isinstance(part, Message) and part.get_content_type() in STATUS:
            payload = part.get_payload()
            blocks = payload if isinstance(payload, list) else []
            blocks += _further(blocks[0]) if part.get_content_type() == STATUS[1] else []
            yield from (one for one in blocks[:_MOST] if isinstance(one, Message))


STATUS = ("message/delivery-status", "message/global-delivery-status")
"""The second one is for addresses in any script (RFC 6533)."""


def _further(first: object) -> list[Message]:
    """The groups behind the first one, which the parser takes for the body of a mail."""
    rest = first.get_payload(decode=True) if isinstance(first, Message) else b""
    text = rest[:_LONGEST].replace(b"\r", b"") if isinstance(rest, bytes) else b""
    groups = re.split(rb"\n[ \t]*\n", text)[:_MOST]
    return [message_from_bytes(one, policy=policy.compat32) for one in groups]


_LONGEST = 20_000


def _field(block: Message, name: str) -> str:
    values = (str(value) for key, value in block.raw_items() if key.casefold() == name)
    return tidy_line(decode_header(next(values, "")[:1000]))


def _after_type(value: str) -> str:
    """``rfc822; ali@example.org`` without its type."""
    return value.partition(";")[2].strip() if ";" in value else value


def _recognised(message: Message) -> Iterator[Bounce]:
    """What the library knows of the many texts in use; a slow or broken one tells nothing."""
    _temporary, permanent = all_failures(message)
    told = _told(message) if permanent else ""
    for address in sorted(permanent)[:_MOST]:
        name = address.decode("ascii", "replace") if isinstance(address, bytes) else str(address)
        name = name.strip("<> ").casefold()[:254]
        words = _reason(told, name)
        code = _STATUS.search(words)
        is_dead = bool(_DEAD.fullmatch(code[0])) if code else not _PASSING.search(words)
        yield Bounce(name, is_dead, tidy_line(words)[:200])


def _told(message: Message) -> str:
    """The text of a report, without the letter that it copies."""
    text = next((one for one in message.walk() if one.get_content_type() == "text/plain"), message)
    content = text.get_payload(decode=True)
    words = decode(content[:_LONGEST]) if isinstance(content, bytes) else ""
    return _COPY.split(words.replace("\r", ""), maxsplit=1)[0]


def _reason(told: str, address: str) -> str:
    """What stands beside and below the address, up to an empty line: the line with a code, or the
    last one."""
    found = re.search(re.escape(address), told, re.IGNORECASE)
    beside, *below = told[found.end() :].split("\n")[:9] if found else [""]
    lines = [beside.strip(" >:;]"), *map(str.strip, below)]
    lines = lines[: lines.index("", 1)] if "" in lines[1:] else lines
    return _coded(lines)


def _coded(lines: Sequence[str]) -> str:
    """The first line with a code, else the last one that says anything."""
    coded = (one for one in lines if _STATUS.search(one))
    said = (one.strip() for one in reversed(lines) if one.strip())
    return next(coded, None) or next(said, "")


def told_of(text: str, address: str) -> Bounce | None:
    """What a report in plain words says of the address that its letter went to; None when it names
    others alone. Only what is surely wrong is dead."""
    told = _COPY.split(text[:_LONGEST], maxsplit=1)[0]
    named = {one.casefold() for one in _ADDRESS.findall(told)}
    if named and address.casefold() not in named:
        return None
    words = _reason(told, address) if named else _coded(told.split("\n"))
    code = _STATUS.search(words)
    said = bool(_UNKNOWN.search(f" {words}")) and not _PASSING.search(words)
    is_dead = bool(_DEAD.fullmatch(code[0])) if code else said
    return Bounce(address.casefold(), is_dead, tidy_line(words)[:200])


_ADDRESS = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){0,9}")


def is_failure(message: Message, sender: str, subject: str) -> bool:
    """Whether a mail to the address that only failures go to tells of one: it looks so, and says
    neither that a letter is late nor that it arrived."""
    actions = {_field(block, "action").casefold() for block in _blocks(message)} - {""}
    if actions:
        return "failed" in actions
    return seems_bounce(sender, subject) and not _DELAY.search(subject)
