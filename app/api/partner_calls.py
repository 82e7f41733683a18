"""``/api/v1/partner-calls``: what partners told and no process waited for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from flask import Response, g

from app.api.once import show
from app.api.paging import page_of
from app.api.routes import Blueprint
from app.api.schemas import partner_calls as shapes
from app.db import transaction
from app.guard import actor
from app.services.intake import unheard_calls

blueprint = Blueprint("partner_calls", __name__, "Calls of partners that nothing waited for")


@blueprint.get("/partner-calls")
@blueprint.arguments(shapes.PartnerCallQuery, location="query")
@blueprint.response(200, shapes.PartnerCallPageSchema)
def list_partner_calls(query: Mapping[str, Any]) -> Mapping[str, Any]:
    """List the calls of one state, the newest first."""
    before, limit = query.get("cursor"), query["limit"]
    return page_of(unheard_calls.list_page(query["state"], before=before, limit=limit), limit)


@blueprint.post("/partner-calls/<id:call_id>/offer")
@blueprint.response(200, shapes.PartnerCallSchema)
def offer_partner_call(call_id: int) -> Response:
    """Give a call to the processes that wait for it by now; `heard` tells how many there were."""
    with transaction():
        return show(shapes.PartnerCallSchema, unheard_calls.offer(call_id, actor(), g.now))


@blueprint.post("/partner-calls/<id:call_id>/drop")
@blueprint.arguments(shapes.DropSchema)
@blueprint.response(200, shapes.PartnerCallSchema)
def drop_partner_call(body: Mapping[str, Any], call_id: int) -> Response:
    """Let nothing come of a call."""
    with transaction():
        row = unheard_calls.drop(call_id, body["reason"], actor(), g.now)
        return show(shapes.PartnerCallSchema, row)


@blueprint.post("/partner-calls/<id:call_id>/correct")
@blueprint.arguments(shapes.CorrectionSchema)
@blueprint.response(200, shapes.PartnerCallSchema)
def correct_partner_call(body: Mapping[str, Any], call_id: int) -> Response:
    """Put its correlation key and values right before it is offered again."""
    with transaction():
        values = json.dumps(body["data"], ensure_ascii=False) if "data" in body else None
        why = body["reason"]
        row = unheard_calls.correct(call_id, body.get("key"), values, why, actor(), g.now)
        return show(shapes.PartnerCallSchema, row)
