"""Files of a request: accepted by their content, never by the name or type they claim."""

from __future__ import annotations

import hashlib
import io
import re
import struct
import unicodedata
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import undefer

from app.access import Actor
from app.db import session
from app.errors import NotFound, TooLarge, UnsupportedFile
from app.models import Attachment, ServiceRequest
from app.services import history

LARGEST_MB = 10
MOST_FILES = 5


@dataclass(frozen=True)
class Upload:
    """A file as it came."""

    name: str
    content: bytes

    @property
    def digest(self) -> str:
        """The SHA-256 of the content, in hexadecimal digits."""
        return hashlib.sha256(self.content).hexdigest()


def attach(
    request: ServiceRequest, uploads: Sequence[Upload], actor: Actor, now: datetime
) -> list[Attachment]:
    """The stored files; raises TooLarge or UnsupportedFile naming the file, storing none."""
    rows = [_row(request, upload, actor, now) for upload in uploads]
    if not rows:
        return rows
    session().add_all(rows)
    session().flush()
    for row in rows:
        history.note("file_added", actor, now, request_id=request.id, data={"name": row.name})
    return rows


def _row(request: ServiceRequest, upload: Upload, actor: Actor, now: datetime) -> Attachment:
    name = safe_name(upload.name)
    if len(upload.content) > LARGEST_MB * 1024 * 1024:
        raise TooLarge(limit=LARGEST_MB, name=name)
    media_type = sniff(upload.content)
    if media_type is None:
        raise UnsupportedFile(name=name)
    return Attachment(
        request_id=request.id,
        name=fitting(name, media_type),
        media_type=media_type,
        size=len(upload.content),
        sha256=upload.digest,
        content=upload.content,
        author_kind=actor.kind,
        author_id=actor.id,
        at=now,
    )


def why_refused(upload: Upload) -> str | None:
    """Why a file is not accepted, ``too_large`` or ``unsupported``; nothing for a good one."""
    if len(upload.content) > LARGEST_MB * 1024 * 1024:
        return "too_large"
    return None if sniff(upload.content) else "unsupported"


def safe_name(name: str) -> str:
    """The file's own name without path, control or direction characters, at most 150 long."""
    last = re.split(r"[\\/]", name)[-1]
    kept = "".join(
        c for c in last if c == "\u200c" or unicodedata.category(c) not in ("Cc", "Cf", "Cs")
    )
    return kept.strip(" .")[-_LONGEST:] or "file"


def fitting(name: str, media_type: str) -> str:
    """The name with an ending of its kind, for that is what a computer opens it by: a script that
    passes as text becomes ``invoice.hta.txt``."""
    endings = _ENDINGS[media_type]
    if name.lower().endswith(endings):
        return name
    return name[: _LONGEST - len(endings[0])].rstrip(" .") + endings[0]


_LONGEST = 150
_SIGNATURES = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"%PDF-", "application/pdf"),
    (b"ID3", "audio/mpeg"),
    (b"\xff\xfb", "audio/mpeg"),
    (b"OggS", "audio/ogg"),
)
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

_ENDINGS = {
    "image/jpeg": (".jpg", ".jpeg", ".jpe", ".jfif"),
    "image/png": (".png",),
    "image/webp": (".webp",),
    "application/pdf": (".pdf",),
    "audio/mpeg": (".mp3",),
    "audio/ogg": (".ogg", ".oga", ".opus"),
    _WORD: (".docx",),
    "text/plain": (".txt", ".csv", ".log", ".md", ".json"),
}
"""The endings that a file of a kind may have; the first is given to one that has another."""


def sniff(content: bytes) -> str | None:
    """The media type that the bytes themselves show, among the accepted ones, or nothing."""
    for signature, media_type in _SIGNATURES:
        if content.startswith(signature):
            return media_type
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    if content[:4] == b"PK\x03\x04":
        return _WORD if _is_word(content) else None
    return "text/plain" if content and _is_text(content) else None


_UNREADABLE = (zipfile.BadZipFile, NotImplementedError, ValueError, struct.error, OSError)
"""What a crafted archive makes the reader raise; a name that is no UTF-8 is a ValueError."""


def _is_word(content: bytes) -> bool:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
    except _UNREADABLE:
        return False
    return "word/document.xml" in names and not any("vbaProject" in name for name in names)


def _is_text(content: bytes) -> bool:
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return not any(ord(c) < 32 and c not in "\t\r\n\f" for c in text)


def of_request(request_id: int, *, after: int = 0, limit: int | None = None) -> list[Attachment]:
    """The files of a request without their content, oldest first; all of them, or the next."""
    query = select(Attachment).where(Attachment.request_id == request_id, Attachment.id > after)
    return list(session().scalars(query.order_by(Attachment.id).limit(limit)))


def open_file(request: ServiceRequest, attachment_id: int) -> Attachment:
    """One file with its content, only if it belongs to this request; raises NotFound."""
    query = select(Attachment).where(
        Attachment.id == attachment_id, Attachment.request_id == request.id
    )
    row = session().scalar(query.options(undefer(Attachment.content)))
    if row is None:
        raise NotFound
    return row
