"""Addresses of static files that change when the file does, so browsers may keep them for long."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from pathlib import Path

from flask import Response, current_app, request

WEEK, YEAR = 7 * 24 * 3600, 365 * 24 * 3600


def asset(name: str) -> str:
    """The address of a file under ``static/`` with a mark of its content."""
    mark = _mark(Path(current_app.static_folder or ""), name)
    # A page has hundreds of icons, so the address is put together without asking the router.
    return f"{request.script_root}{current_app.static_url_path}/{name}?v={mark}"


def keep_long(response: Response) -> Response:
    """Let browsers keep what is addressed by its content; the font has but one version."""
    if request.endpoint == "static" and response.status_code == 200:
        if "v" in request.args:
            response.headers["Cache-Control"] = f"public, max-age={YEAR}, immutable"
        elif request.path.endswith(".woff2"):
            response.headers["Cache-Control"] = f"public, max-age={WEEK}"
    return response


@cache
def _mark(folder: Path, name: str) -> str:
    return sha256((folder / name).read_bytes()).hexdigest()[:10]
