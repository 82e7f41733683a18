"""Calls that carry an Idempotency-Key are carried out once and answered the same every time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from flask import Response, g, jsonify, request
from marshmallow import Schema

from app.guard import actor
from app.services import safety


def create_once(
    headers: Mapping[str, Any],
    body: Mapping[str, Any],
    schema: type[Schema],
    act: Callable[[], Any],
    location: Callable[[Mapping[str, Any]], str],
) -> Response:
    """201 with what ``act`` made, as the schema shows it, or what the same key made before.

    ``location`` gives the address of the new thing from its dump.
    """

    def answer() -> tuple[int, dict[str, Any]]:
        dumped: dict[str, Any] = _made(schema).dump(act())
        return 201, dumped

    payload = {"method": request.method, "path": request.path, "body": dict(body)}
    user_id = actor().id or 0
    status, dumped = safety.answer_once(user_id, headers.get("key"), payload, g.now, answer)
    response = jsonify(dumped)
    response.status_code = status
    response.headers["Location"] = location(dumped)
    return response


@cache
def _made(schema: type[Schema]) -> Schema:
    """The schema's one instance: making one takes longer than using it."""
    return schema()
