"""``/api/v1/calls``: what a telephone system reports."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response, g

from app.api.once import show
from app.api.routes import Blueprint
from app.api.schemas import calls as shapes
from app.db import transaction
from app.guard import actor
from app.services.intake import phone_calls

blueprint = Blueprint("calls", __name__, "Calls of a telephone system")


@blueprint.post("/calls")
@blueprint.arguments(shapes.CallSchema)
@blueprint.response(200, shapes.KeptCallSchema)
def report_call(body: Mapping[str, Any]) -> Response:
    """Report a call: it is matched to the customer by number and stands on the request that it
    names, or on the customer's only open one. Reported again under its id it changes nothing."""
    with transaction():
        kept = phone_calls.report(shapes.read_call(dict(body)), actor(), g.now)
        return show(shapes.KeptCallSchema, kept.row)
