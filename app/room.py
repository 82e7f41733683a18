"""How much one call may bring: more where files are asked for."""

from __future__ import annotations

from typing import Any

from flask import Flask, request

from app.services.casework import attachments

MEGABYTE = 1024 * 1024
WORDS = 3 * MEGABYTE
"""Room for what is written around the files."""
ROOM_FOR_FILES = attachments.MOST_FILES * attachments.LARGEST_MB * MEGABYTE + WORDS
ROOM_FOR_A_CALL = MEGABYTE
"""Bytes of what a partner's system tells."""
TAKES_FILES = frozenset(
    {"portal.submit", "portal.send_message", "web.submit_request", "requests.add_attachments"}
)
"""The endpoints that promise to take as many files, as large, as ``attachments`` says."""


def init_app(app: Flask) -> None:
    """Give every call its room before the first byte of its body is read."""
    app.url_value_preprocessor(make_room)


def make_room(endpoint: str | None, values: dict[str, Any] | None) -> None:
    """Let files through where they are asked for."""
    if (endpoint or "").startswith("hooks."):
        request.max_content_length = ROOM_FOR_A_CALL
    if endpoint in TAKES_FILES:
        request.max_content_length = max(ROOM_FOR_FILES, request.max_content_length or 0)
