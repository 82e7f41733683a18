"""Addresses within this site."""

from __future__ import annotations

from flask import request


def safe_path(wanted: str | None, default: str = "/") -> str:
    """The wanted path when it stays on this site, else the default.

    Browsers read ``//host`` and ``/\\host`` as another site, and drop control characters
    before they look.
    """
    if not wanted or not wanted.startswith("/") or wanted[1:2] in ("/", "\\"):
        return default
    return wanted if wanted.isprintable() and "\\" not in wanted else default


def wanted_path(default: str = "/") -> str:
    """Where the form or the address says to go on."""
    return safe_path(request.values.get("next"), default)
