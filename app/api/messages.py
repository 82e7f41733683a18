"""What begins processes or reaches them wherever they wait: messages and conditions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import g

from app.api.routes import Blueprint
from app.api.schemas import processes as shapes
from app.db import transaction
from app.guard import actor
from app.services import correlation, starts

blueprint = Blueprint("messages", __name__, "Messages for processes")


@blueprint.post("/messages")
@blueprint.arguments(shapes.PublishedMessageSchema)
@blueprint.response(200, shapes.HeardSchema)
def publish_message(body: Mapping[str, Any]) -> Any:
    """Give a message to all that wait for it, and begin the processes that it starts; 409 when
    nobody hears it."""
    facts = (body["name"], body["correlation"], body["variables"])
    with transaction():
        return correlation.publish(*facts, actor(), g.now)


@blueprint.post("/conditions")
@blueprint.arguments(shapes.VariablesSchema)
@blueprint.response(200, shapes.JudgedSchema)
def judge_conditions(body: Mapping[str, Any]) -> Any:
    """Begin every process whose start condition is true of these variables."""
    with transaction():
        return starts.by_condition(body["variables"], actor(), g.now)
