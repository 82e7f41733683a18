"""``/api/v1/signals``: telling all waiting processes at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response, g

from app.api.once import accept_once
from app.api.routes import Blueprint
from app.api.schemas import signals as shapes
from app.api.schemas.common import IdempotencyHeader
from app.db import transaction
from app.guard import actor
from app.services.execution import signals

blueprint = Blueprint("signals", __name__, "Signals to all processes")


@blueprint.post("/signals")
@blueprint.arguments(shapes.NewSignalSchema)
@blueprint.arguments(IdempotencyHeader, location="headers")
@blueprint.response(202, shapes.SignalSchema)
def throw_signal(body: Mapping[str, Any], headers: Mapping[str, Any]) -> Response:
    """Throw a signal: every place in every process that waits for it now hears it, and the
    processes that it starts begin."""
    with transaction():
        return accept_once(
            headers,
            body,
            shapes.SignalSchema,
            lambda: signals.throw(body["name"], body["variables"], actor(), g.now),
        )
