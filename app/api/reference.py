"""``/api/v1/problems``: what the type of a problem means."""

from __future__ import annotations

from typing import Any

from app.api.problems import Kind, find_kind
from app.api.routes import Blueprint
from app.api.schemas.common import ProblemKindSchema

blueprint = Blueprint("reference", __name__, "What the types of problems mean")


@blueprint.get("/problems/<name:name>")
@blueprint.response(200, ProblemKindSchema)
def show_problem(name: str) -> Any:
    """Show what a type of problem means."""
    kind: Kind = find_kind(name)
    return {
        "name": kind.name,
        "status": kind.status,
        "titles": {"en": str(kind.title), "fa": kind.title.fa},
    }
