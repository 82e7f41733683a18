"""The file outbox: where letters go when no SMTP server is set.

One file per delivery, ``<delivery id>.eml``. Sending the same delivery twice leaves one file,
and a file is either whole or not there.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime
from pathlib import Path
from uuid import uuid4

from connectors.addresses import Address
from connectors.letters import Accepted, Letter, check_delivery_id, wire_bytes


@dataclass(frozen=True)
class OutboxEntry:
    """One line of the list of letters."""

    delivery_id: str
    to: tuple[Address, ...]
    subject: str
    written_at: datetime


@dataclass(frozen=True)
class OutboxLetter:
    """One letter with its two bodies and its headers, for the page that shows it."""

    entry: OutboxEntry
    text: str
    html: str
    headers: tuple[tuple[str, str], ...]
    """In the order of the message, decoded."""


def put(letter: Letter, folder: Path) -> Accepted:
    """Write the letter into the folder, which is made when missing.

    A letter that is there already is left as it is. Raises ``OSError`` when the disk refuses.
    """
    name = _name(letter.delivery_id)
    with _opened(folder) as place:
        if not _is_there(name, place):
            _write_whole(name, wire_bytes(letter), place)
    return Accepted(letter.message_id, name)


def entries(folder: Path, limit: int = 100) -> tuple[OutboxEntry, ...]:
    """Return the newest letters, newest first; none when the folder is not there."""
    newest = sorted(folder.glob("[!.]*.eml"), key=lambda one: one.stat().st_mtime_ns, reverse=True)
    return tuple(_entry(one.stem, _message(one)) for one in newest[:limit])


def read(folder: Path, delivery_id: str) -> OutboxLetter | None:
    """Return one letter, or None when there is none; ``ValueError`` for an impossible id."""
    file = _file(folder, delivery_id)
    if not file.is_file():
        return None
    message = _message(file)
    headers = tuple((name, _decoded(value)) for name, value in message.items())
    return OutboxLetter(
        _entry(delivery_id, message), _part(message, "plain"), _part(message, "html"), headers
    )


def _file(folder: Path, delivery_id: str) -> Path:
    return folder / _name(delivery_id)


def _name(delivery_id: str) -> str:
    return f"{check_delivery_id(delivery_id)}.eml"


@contextmanager
def _opened(folder: Path) -> Iterator[int]:
    """The folder, opened; what is in it is then reached without its path."""
    try:
        place = os.open(folder, _FOLDER)
    except FileNotFoundError:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        place = os.open(folder, _FOLDER)
    try:
        yield place
    finally:
        os.close(place)


_FOLDER = os.O_RDONLY | os.O_DIRECTORY
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW


def _is_there(name: str, place: int) -> bool:
    try:
        os.stat(name, dir_fd=place)
    except FileNotFoundError:
        return False
    return True


def _write_whole(name: str, content: bytes, place: int) -> None:
    """Write under another name, force it to the disk, then give it its name in one move."""
    draft = f".{name}.{uuid4().hex}"
    try:
        _write(draft, content, place)
        os.replace(draft, name, src_dir_fd=place, dst_dir_fd=place)
    except BaseException:
        with suppress(FileNotFoundError):
            os.unlink(draft, dir_fd=place)
        raise
    # The new name must be on the disk too: without this a crash could lose the file.
    os.fsync(place)


def _write(name: str, content: bytes, place: int) -> None:
    """A new file, which nobody else may read, forced to the disk."""
    file, left = os.open(name, _NEW, 0o600, dir_fd=place), memoryview(content)
    try:
        while left:
            left = left[os.write(file, left) :]
        os.fsync(file)
    finally:
        os.close(file)


def _message(file: Path) -> Message:
    return message_from_bytes(file.read_bytes())


def _entry(delivery_id: str, message: Message) -> OutboxEntry:
    pairs = getaddresses([str(message["To"] or "")])
    to = tuple(Address(mailbox, _decoded(name)) for name, mailbox in pairs)
    written_at = parsedate_to_datetime(message["Date"])
    return OutboxEntry(delivery_id, to, _decoded(message["Subject"] or ""), written_at)


def _decoded(value: object) -> str:
    return str(make_header(decode_header(str(value).replace("\r\n", "").replace("\n", ""))))


def _part(message: Message, subtype: str) -> str:
    for part in message.walk():
        if part.get_content_type() == f"text/{subtype}":
            payload = part.get_payload(decode=True)
            text = payload.decode("utf-8") if isinstance(payload, bytes) else ""
            return text.replace("\r\n", "\n")
    return ""
