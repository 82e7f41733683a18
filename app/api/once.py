"""Calls that carry an Idempotency-Key are carried out once and answered the same every time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from flask import Response, g, jsonify, request
from marshmallow import Schema

from app.guard import actor
from app.services.accounts import safety


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
    response, dumped = _answer(headers, body, schema, act, 201)
    response.headers["Location"] = location(dumped)
    return response


def accept_once(
    headers: Mapping[str, Any],
    body: Mapping[str, Any],
    schema: type[Schema],
    act: Callable[[], Any],
) -> Response:
    """202 with what ``act`` set going, or what the same key set going before."""
    return _answer(headers, body, schema, act, 202)[0]


def do_once(
    headers: Mapping[str, Any],
    body: Mapping[str, Any],
    schema: type[Schema],
    act: Callable[[], Any],
) -> Response:
    """200 with what ``act`` did, or what the same key did before."""
    return _answer(headers, body, schema, act, 200)[0]


def _answer(
    headers: Mapping[str, Any],
    body: Mapping[str, Any],
    schema: type[Schema],
    act: Callable[[], Any],
    status: int,
) -> tuple[Response, dict[str, Any]]:
    def answer() -> tuple[int, dict[str, Any]]:
        dumped: dict[str, Any] = _made(schema).dump(act())
        return status, dumped

    payload = {"method": request.method, "path": request.path, "body": dict(body)}
    user_id = actor().id or 0
    known, dumped = safety.answer_once(user_id, headers.get("key"), payload, g.now, answer)
    response = jsonify(dumped)
    response.status_code = known
    return response, dumped


def show(schema: type[Schema], thing: Any) -> Response:
    """The thing as the schema shows it, told while its transaction still stands, since what the
    schema reads besides would otherwise begin another one."""
    return jsonify(_made(schema).dump(thing))


@cache
def _made(schema: type[Schema]) -> Schema:
    """The schema's one instance: making one takes longer than using it."""
    return schema()
