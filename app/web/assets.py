"""Addresses of static files that change when the file does, so browsers may keep them for long."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from pathlib import Path

from flask import current_app, url_for


def asset(name: str) -> str:
    """The address of a file under ``static/`` with a mark of its content."""
    return url_for("static", filename=name, v=_mark(Path(current_app.static_folder or ""), name))


@cache
def _mark(folder: Path, name: str) -> str:
    return sha256((folder / name).read_bytes()).hexdigest()[:10]
