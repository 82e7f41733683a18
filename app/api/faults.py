"""``/api/v1/faults``: what cannot go on, by cause, and orders for all that are alike."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.api.routes import Blueprint
from app.api.schemas import faults as shapes
from app.db import transaction
from app.guard import actor
from app.services.execution import alike

blueprint = Blueprint("faults", __name__, "Faults")


@blueprint.get("/faults")
@blueprint.arguments(shapes.FaultQuery, location="query")
@blueprint.response(200, shapes.FaultGroupsSchema)
def list_faults(query: Mapping[str, Any]) -> Mapping[str, Any]:
    """List the standing faults that you may see, those of one step with one code and by one
    channel together."""
    return {"items": alike.list_groups(actor(), **query)}


@blueprint.post("/faults/retry")
@blueprint.arguments(shapes.RetryAlikeSchema)
@blueprint.response(202, shapes.OrderedSchema)
def retry_faults(body: dict[str, Any]) -> Mapping[str, Any]:
    """Let all faults that are alike be tried again, with variables corrected if given."""
    return _order("retry", body)


@blueprint.post("/faults/skip")
@blueprint.arguments(shapes.SkipAlikeSchema)
@blueprint.response(202, shapes.OrderedSchema)
def skip_faults(body: dict[str, Any]) -> Mapping[str, Any]:
    """Let the step be taken as done in all processes that stand there alike."""
    return _order("skip", body)


@blueprint.post("/faults/cancel")
@blueprint.arguments(shapes.CancelAlikeSchema)
@blueprint.response(202, shapes.OrderedSchema)
def cancel_processes(body: dict[str, Any]) -> Mapping[str, Any]:
    """Let all processes that stand there alike be cancelled."""
    return _order("cancel", body)


def _order(act: alike.Act, body: dict[str, Any]) -> Mapping[str, Any]:
    """Each is done by itself, by the worker."""
    with transaction():
        place, deed = shapes.place_of(body), shapes.deed_of(act, body)
        return {"count": alike.order(place, deed, body["count"], actor())}
