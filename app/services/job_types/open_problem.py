"""``open-problem``: opens a problem record for this request, or links it to one that exists.

Inputs: ``problem``, the number of an existing record; without it ``title``, ``known_error`` and
``workaround`` of a new one, in the request's language. Gives ``problem`` (its number), ``title``
and ``workaround`` in the request's language. Refused: ``not_found``, and ``confidential`` for a new
record of a confidential request: all staff read the records, so a person writes one that tells
nothing of the request and gives its number here.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.access import SYSTEM
from app.i18n import pick_text
from app.models import Problem, ProcessInstance, ServiceJob, ServiceRequest
from app.services import job_types
from app.services.casework import problems
from app.services.job_types.link_request import of


def do(
    instance: ProcessInstance, job: ServiceJob, inputs: Mapping[str, Any], now: datetime
) -> Mapping[str, Any]:
    """Open or find it, and link it."""
    request = of(instance)
    problem = _existing(inputs) or _new(request, inputs, now)
    problems.link(problem, request, SYSTEM, now)
    return {
        "problem": problem.number,
        "title": pick_text(problem.titles, request.language),
        "workaround": pick_text(problem.workaround, request.language) or None,
    }


def _existing(inputs: Mapping[str, Any]) -> Problem | None:
    if not inputs.get("problem"):
        return None
    number = job_types.text(inputs, "problem", 20)
    found = problems.by_number(number)
    if found is None:
        en, fa = f"There is no problem {number}.", f"مشکلی با شمارهٔ {number} نیست."
        raise job_types.Refused("not_found", en, fa)
    return found


def _new(request: ServiceRequest, inputs: Mapping[str, Any], now: datetime) -> Problem:
    if request.confidential:
        raise job_types.Refused("confidential", *_SECRET)
    title = job_types.text(inputs, "title", 200)
    known, workaround = (
        job_types.text(inputs, name, 5000) if inputs.get(name) else ""
        for name in ("known_error", "workaround")
    )
    return problems.open_for(request, title, known, workaround, now)


_SECRET = (
    "All staff read problem records, and this request is confidential. Write the record by hand, "
    "without anything from the request, and give its number.",
    "پروندهٔ مشکل را همهٔ کارکنان می‌خوانند و این درخواست محرمانه است. پرونده را بی‌آنکه چیزی از "
    "درخواست در آن بیاید خودتان بنویسید و شماره‌اش را اینجا بدهید.",
)
