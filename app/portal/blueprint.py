"""The blueprint of the customer's pages; each module of this package adds its own routes."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request

portal = Blueprint("portal", __name__, url_prefix="/portal")

ROOM_FOR_FILES = 53 * 1024 * 1024
"""Five files of ten megabytes, and the words around them."""
_TAKES_FILES = frozenset({"portal.submit", "portal.send_message"})


@portal.url_value_preprocessor
def make_room(endpoint: str | None, values: dict[str, Any] | None) -> None:
    """Let files through where they are asked for; the limit counts from the first byte read."""
    if endpoint in _TAKES_FILES:
        request.max_content_length = ROOM_FOR_FILES
