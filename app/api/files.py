"""Bodies that are files: uploads of requests, downloads, diagrams."""

from __future__ import annotations

import io
from typing import Any

from flask import Response, request, send_file
from werkzeug.exceptions import UnsupportedMediaType

from app.api import words
from app.errors import Invalid, TooLarge
from app.models import Attachment
from app.services import attachments, definitions

FIELD = "file"
NOT_FILES = ("application/json", "application/x-www-form-urlencoded", "multipart/form-data")
MEGABYTE = 1024 * 1024

_BYTES = {"type": "string", "format": "binary"}
_FILES = {"type": "array", "items": _BYTES, "minItems": 1, "maxItems": attachments.MOST_FILES}
FILES_BODY: dict[str, Any] = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": {"type": "object", "properties": {FIELD: _FILES}, "required": [FIELD]}
        }
    },
}
DIAGRAM_BODY: dict[str, Any] = {
    "required": True,
    "content": {"application/xml": {"schema": _BYTES}},
}
"""What the OpenAPI document says of these bodies, which no schema reads."""


class ExpectedMultipart(UnsupportedMediaType):
    """Files came as something other than a multipart form."""

    expected = "multipart/form-data"


class ExpectedXml(UnsupportedMediaType):
    """A diagram came as something other than a file."""

    expected = "application/xml"


def read_uploads() -> list[attachments.Upload]:
    """The files of a multipart body; raises Invalid when there is none or too many."""
    if request.mimetype != "multipart/form-data":
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


def send_attachment(row: Attachment) -> Response:
    """The file to be kept, not shown, whatever it calls itself."""
    content = io.BytesIO(row.content)
    return send_file(content, row.media_type, as_attachment=True, download_name=row.name)
