"""``/api/v1/doubtful-messages``: what no service task sent and nobody knows to have arrived."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response, g

from app.api.once import show
from app.api.paging import page_of
from app.api.routes import Blueprint
from app.api.schemas import doubtful as shapes
from app.api.schemas.common import PageQuery
from app.db import transaction
from app.guard import actor
from app.services.sending import doubtful

blueprint = Blueprint("doubtful", __name__, "Messages of which nobody knows whether they arrived")


@blueprint.get("/doubtful-messages")
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, shapes.DoubtfulPageSchema)
def list_doubtful(query: Mapping[str, Any]) -> Mapping[str, Any]:
    """List those that you may see, the newest first."""
    before, limit = query.get("cursor"), query["limit"]
    return page_of(doubtful.list_page(actor(), before=before, limit=limit), limit)


@blueprint.post("/doubtful-messages/<id:message_id>/decide")
@blueprint.arguments(shapes.DecisionSchema)
@blueprint.response(200, shapes.DoubtfulSchema)
def decide_doubtful(body: Mapping[str, Any], message_id: int) -> Response:
    """Say that a message arrived, send it again, or give it up; 409 when nothing is to be
    decided about it."""
    with transaction():
        facts = (body["decision"], body["reason"], actor(), g.now)
        return show(shapes.DoubtfulSchema, doubtful.decide(message_id, *facts))
