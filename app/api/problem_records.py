"""``/api/v1/problem-records``: causes behind incidents (``/problems`` tells types of errors)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response, g

from app.api.once import create_once, show
from app.api.paging import page
from app.api.routes import PREFIX, Blueprint
from app.api.schemas import registers as shapes
from app.api.schemas.common import IdempotencyHeader
from app.db import transaction
from app.guard import actor
from app.services.casework import problems

blueprint = Blueprint("problems", __name__, "Problem records and known errors")


@blueprint.get("/problem-records")
@blueprint.arguments(shapes.ProblemListQuery, location="query")
@blueprint.response(200, shapes.ProblemRecordPageSchema)
def list_problems(query: Mapping[str, Any]) -> Mapping[str, Any]:
    """List the problem records, newest first."""
    after, limit = query.get("cursor"), query["limit"]
    return page(*problems.list_page(after=after, limit=limit, status=query.get("status")))


@blueprint.get("/problem-records/<record:number>")
@blueprint.response(200, shapes.ProblemRecordSchema)
def show_problem(number: str) -> Any:
    """Show one problem record with the incidents that you may see."""
    return problems.view(problems.find(number), actor())


@blueprint.post("/problem-records")
@blueprint.arguments(shapes.NewProblemSchema)
@blueprint.arguments(IdempotencyHeader, location="headers")
@blueprint.response(201, shapes.ProblemRecordSchema)
def create_problem(body: Mapping[str, Any], headers: Mapping[str, Any]) -> Response:
    """Open a problem record."""
    with transaction():
        return create_once(
            headers,
            body,
            shapes.ProblemRecordSchema,
            lambda: problems.view(problems.create(actor=actor(), now=g.now, **body), actor()),
            lambda made: f"{PREFIX}/problem-records/{made['number']}",
        )


@blueprint.put("/problem-records/<record:number>")
@blueprint.arguments(shapes.ProblemChangeSchema)
@blueprint.response(200, shapes.ProblemRecordSchema)
def update_problem(body: Mapping[str, Any], number: str) -> Any:
    """Change texts or status of a problem record."""
    with transaction():
        found = problems.update(problems.find(number), body, actor(), g.now)
        return show(shapes.ProblemRecordSchema, problems.view(found, actor()))
