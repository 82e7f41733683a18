"""Bodies that are files: uploads of requests, downloads, diagrams."""

from __future__ import annotations

import io
from typing import Any

from flask import Response, request, send_file
from werkzeug.exceptions import UnsupportedMediaType

from app.api import words
from app.errors import Invalid, TooLarge
from app.models import Attachment
from app.services.casework import attachments
from app.services.casework.attachments import safe_name
from app.services.deployment import definitions

FIELD = "file"
DEPLOYED = "files"
"""The parts of a call that deploys several files together."""
MOST_DEPLOYED = 50
MULTIPART = "multipart/form-data"
NOT_FILES = ("application/json", "application/x-www-form-urlencoded", MULTIPART)
MEGABYTE = 1024 * 1024

_BYTES = {"type": "string", "format": "binary"}
_FILES = {"type": "array", "items": _BYTES, "minItems": 1, "maxItems": attachments.MOST_FILES}
FILES_BODY: dict[str, Any] = {
    "required": True,
    "content": {
        MULTIPART: {
            "schema": {"type": "object", "properties": {FIELD: _FILES}, "required": [FIELD]}
        }
    },
}
DIAGRAM_BODY: dict[str, Any] = {
    "required": True,
    "content": {
        "application/xml": {"schema": _BYTES},
        MULTIPART: {
            "schema": {
                "type": "object",
                "properties": {
                    DEPLOYED: {
                        "type": "array",
                        "items": _BYTES,
                        "minItems": 1,
                        "maxItems": MOST_DEPLOYED,
                        "description": "Each with a filename of its own; all are deployed or none.",
                    }
                },
                "required": [DEPLOYED],
                "additionalProperties": False,
            }
        },
    },
}
"""What the OpenAPI document says of these bodies, which no schema reads."""


class ExpectedMultipart(UnsupportedMediaType):
    """Files came as something other than a multipart form."""

    expected = MULTIPART


class ExpectedXml(UnsupportedMediaType):
    """A diagram came as something other than a file."""

    expected = f"application/xml, {MULTIPART}"


def read_uploads() -> list[attachments.Upload]:
    """The files of a multipart body; raises Invalid when there is none or too many."""
    if request.mimetype != MULTIPART:
        raise ExpectedMultipart
    sent = [file for file in request.files.getlist(FIELD) if file.filename]
    if not sent:
        raise Invalid({FIELD: [words.NOT_FILE]})
    if len(sent) > attachments.MOST_FILES:
        raise Invalid({FIELD: [words.TOO_MANY_FILES.format(most=attachments.MOST_FILES)]})
    return [attachments.Upload(file.filename or "", file.read()) for file in sent]


def read_diagram() -> bytes:
    """The bytes of a deployed file, which is the whole body; raises TooLarge."""
    if request.mimetype in NOT_FILES:
        raise ExpectedXml
    if (request.content_length or 0) > definitions.LARGEST_FILE:
        raise TooLarge(limit=definitions.LARGEST_FILE // MEGABYTE)
    request.max_content_length = definitions.LARGEST_FILE
    return request.get_data(cache=False)


def are_several() -> bool:
    """Whether the body brings files to be deployed together."""
    return request.mimetype == MULTIPART


def read_diagrams() -> list[tuple[str, bytes]]:
    """The names and bytes of files deployed together; raises Invalid and TooLarge."""
    others = {name: words.UNKNOWN for name in (*request.form, *request.files) if name != DEPLOYED}
    if DEPLOYED in request.form:
        others[DEPLOYED] = words.NOT_FILE
    if others:
        raise Invalid({name: [told] for name, told in others.items()})
    sent = [(safe_name(file.filename), file) for file in request.files.getlist(DEPLOYED)
            if file.filename]  # fmt: skip
    if not sent:
        raise Invalid({DEPLOYED: [words.NOT_FILE]})
    if len(sent) > MOST_DEPLOYED:
        raise Invalid({DEPLOYED: [words.TOO_MANY_FILES.format(most=MOST_DEPLOYED)]})
    if len({name for name, _ in sent}) < len(sent):
        raise Invalid({DEPLOYED: [words.SAME_NAME]})
    read = [(name, file.read(definitions.LARGEST_FILE + 1)) for name, file in sent]
    if any(len(content) > definitions.LARGEST_FILE for _, content in read):
        raise TooLarge(limit=definitions.LARGEST_FILE // MEGABYTE)
    return read


def send_attachment(row: Attachment) -> Response:
    """The file to be kept, not shown, whatever it calls itself."""
    content = io.BytesIO(row.content)
    return send_file(content, row.media_type, as_attachment=True, download_name=row.name)
