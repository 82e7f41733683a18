"""``/api/v1/requests/<number>/links``: requests that belong together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import g

from app.api.paging import page
from app.api.routes import Blueprint
from app.api.schemas import registers as shapes
from app.db import transaction
from app.guard import actor
from app.services.casework import links, requests

blueprint = Blueprint("links", __name__, "Requests that belong together")


@blueprint.get("/requests/<number:number>/links")
@blueprint.response(200, shapes.LinkPageSchema)
def list_links(number: str) -> Mapping[str, Any]:
    """List the requests that this one is linked to, those of them that you may see."""
    return page(links.of_request(requests.find(number, actor()), actor()))


@blueprint.post("/requests/<number:number>/links")
@blueprint.arguments(shapes.NewLinkSchema)
@blueprint.response(200, shapes.LinkPageSchema)
def add_link(body: Mapping[str, Any], number: str) -> Mapping[str, Any]:
    """Hang this request on another one; the same link made twice is one."""
    with transaction():
        found = requests.find(number, actor())
        other = requests.find(body["parent"], actor())
        links.link_as_staff(found, other, body["kind"], actor(), g.now)
        return page(links.of_request(found, actor()))
