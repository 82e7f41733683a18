"""The REST interface: JSON under ``/api/v1``, bearer tokens, problems as RFC 9457."""

from __future__ import annotations

from flask import Flask

from app.api import (
    assets,
    calls,
    doubtful,
    faults,
    instances,
    links,
    mailings,
    messages,
    partner_calls,
    problem_records,
    processes,
    reference,
    requests,
    signals,
    tasks,
)
from app.api.door import answer_unrouted
from app.api.openapi import init_openapi
from app.guard import csrf

BLUEPRINTS = (
    requests.blueprint,
    links.blueprint,
    assets.blueprint,
    problem_records.blueprint,
    tasks.blueprint,
    processes.blueprint,
    instances.blueprint,
    faults.blueprint,
    messages.blueprint,
    signals.blueprint,
    calls.blueprint,
    partner_calls.blueprint,
    doubtful.blueprint,
    mailings.blueprint,
    reference.blueprint,
)


def init_api(app: Flask) -> None:
    """Register the routes and their description; tokens need no protection against forms."""
    app.before_request(answer_unrouted)
    app.json.sort_keys = app.json.ensure_ascii = False  # type: ignore[attr-defined]
    init_openapi(app, BLUEPRINTS)
    for blueprint in BLUEPRINTS:
        csrf.exempt(blueprint)
