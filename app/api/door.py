"""What happens before and around every handler of the API."""

from __future__ import annotations

from dataclasses import replace

from flask import Response, g, request
from werkzeug.exceptions import HTTPException, NotAcceptable

from app.api.language import reader_language
from app.api.problems import answer_http


def answer_unrouted() -> Response | HTTPException | None:
    """The problem for calls under ``/api`` that no route takes, which no blueprint would see."""
    error = request.routing_exception
    if error is None or not request.path.startswith("/api/"):
        return None
    return answer_http(error)


def speak_for_reader() -> None:
    """Let services and forms speak the language that this call asks for."""
    language = reader_language()
    if g.actor.language != language:
        g.actor = replace(g.actor, language=language)


def check_acceptable() -> None:
    """Raise NotAcceptable for who cannot read JSON (RFC 9110 12.5.1)."""
    wanted = request.headers.get("Accept", "*/*")
    if "*/*" in wanted or request.endpoint in _FILES:
        return
    if (
        request.accept_mimetypes.best_match(("application/json", "application/problem+json"))
        is None
    ):
        raise NotAcceptable


_FILES = frozenset({"requests.download_attachment"})
"""Routes that answer with a file, which is what it is."""
