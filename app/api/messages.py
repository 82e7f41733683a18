"""What begins processes or reaches them wherever they wait: messages and conditions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response, g

from app.api.once import do_once
from app.api.routes import Blueprint
from app.api.schemas import messages as shapes
from app.api.schemas.common import IdempotencyHeader
from app.db import transaction
from app.guard import actor
from app.services.execution import correlation, starts

blueprint = Blueprint("messages", __name__, "Messages for processes")


@blueprint.post("/messages")
@blueprint.arguments(shapes.PublishedMessageSchema)
@blueprint.arguments(IdempotencyHeader, location="headers")
@blueprint.response(200, shapes.HeardSchema)
def publish_message(body: Mapping[str, Any], headers: Mapping[str, Any]) -> Response:
    """Give a message to all that wait for it, and begin the processes that it starts; 409 when
    nobody hears it."""
    facts = (body["name"], body["correlation"], body["variables"])
    with transaction():
        return do_once(
            headers, body, shapes.HeardSchema,
            lambda: correlation.publish(*facts, actor(), g.now),
        )  # fmt: skip


@blueprint.post("/conditions")
@blueprint.arguments(shapes.VariablesSchema)
@blueprint.arguments(IdempotencyHeader, location="headers")
@blueprint.response(200, shapes.JudgedSchema)
def judge_conditions(body: Mapping[str, Any], headers: Mapping[str, Any]) -> Response:
    """Begin every process whose start condition is true of these variables."""
    with transaction():
        return do_once(
            headers, body, shapes.JudgedSchema,
            lambda: starts.by_condition(body["variables"], actor(), g.now),
        )  # fmt: skip
