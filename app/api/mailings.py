"""``/api/v1/mailings``: how mailings fare."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.api.paging import page_of
from app.api.routes import Blueprint
from app.api.schemas import mailings as shapes
from app.api.schemas.common import PageQuery
from app.services.bulk_sending import mailing_reports, mailings

blueprint = Blueprint("mailings", __name__, "Mailings and how they fare")


@blueprint.get("/mailings")
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, shapes.MailingPageSchema)
def list_mailings(query: Mapping[str, Any]) -> Mapping[str, Any]:
    """List the mailings, newest first."""
    rows = mailings.list_page(before=query.get("cursor"), limit=query["limit"])
    return page_of(rows, query["limit"])


@blueprint.get("/mailings/<id:mailing_id>")
@blueprint.response(200, shapes.MailingSchema)
def show_mailing(mailing_id: int) -> Mapping[str, Any]:
    """Show one mailing with its progress."""
    mailing = mailings.find(mailing_id)
    facts = {name: getattr(mailing, name) for name in _FACTS}
    return {**facts, **mailing_reports.told(mailing)}


_FACTS = (
    "id", "title", "medium", "state", "per_minute", "created_at", "starts_at", "started_at",
    "ended_at",
)  # fmt: skip
