"""``/api/v1/assets``: what services depend on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response, g

from app.api.once import create_once
from app.api.paging import page
from app.api.routes import PREFIX, Blueprint
from app.api.schemas import registers as shapes
from app.api.schemas.common import IdempotencyHeader
from app.db import transaction
from app.guard import actor
from app.services.casework import assets

blueprint = Blueprint("assets", __name__, "The register of assets")


@blueprint.get("/assets")
@blueprint.arguments(shapes.AssetListQuery, location="query")
@blueprint.response(200, shapes.AssetPageSchema)
def list_assets(query: Mapping[str, Any]) -> Mapping[str, Any]:
    """List the assets in the order of their numbers."""
    rows, after = assets.list_page(
        after=query.get("cursor"), limit=query["limit"], service=query.get("service")
    )
    return page(assets.seen_by(rows, actor()), after)


@blueprint.get("/assets/<record:number>")
@blueprint.response(200, shapes.AssetSchema)
def show_asset(number: str) -> Any:
    """Show one asset."""
    return assets.seen_by([assets.find(number)], actor())[0]


@blueprint.post("/assets")
@blueprint.arguments(shapes.NewAssetSchema)
@blueprint.arguments(IdempotencyHeader, location="headers")
@blueprint.response(201, shapes.AssetSchema)
def add_asset(body: Mapping[str, Any], headers: Mapping[str, Any]) -> Response:
    """Add an asset to the register."""
    with transaction():
        return create_once(
            headers,
            body,
            shapes.AssetSchema,
            lambda: assets.seen_by([assets.add(**body, now=g.now)], actor())[0],
            lambda made: f"{PREFIX}/assets/{made['number']}",
        )
