"""``start-request``: opens another request of the same customer, linked to this one.

Headers: ``service`` (a key of the catalogue; an input of that name when it is left out) and
``kind`` of the link (``follow_up`` when left out). Inputs: ``subject``, ``description`` and
``data``, the fields of its form. Gives ``number`` of the new request, whose process has begun. It
is as confidential as this one, and seen by the same people.
Refused: ``not_possible`` (no such service, a field missing or wrong) and ``too_deep``.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.access import SYSTEM
from app.db import session
from app.errors import Invalid, NoSuch
from app.models import ProcessInstance, RequestLink, ServiceJob, ServiceRequest
from app.services import job_types
from app.services.casework import links, requests
from app.services.job_types.link_request import of

DEEPEST = 10
"""A request that opens a request that opens a request ends after so many."""


def do(
    instance: ProcessInstance, job: ServiceJob, inputs: Mapping[str, Any], now: datetime
) -> Mapping[str, Any]:
    """Submit it in the customer's name and hang it on this one."""
    request = of(instance)
    _check_depth(request)
    try:
        made = _submit(request, {**inputs, **job.headers}, now)
        links.link(request, made, str(job.headers.get("kind") or links.FOLLOW_UP), SYSTEM, now)
    except (Invalid, NoSuch) as wrong:
        fa = "درخواست تازه پذیرفته نشد؛ خدمت و فیلدهای آن را بررسی کنید."
        raise job_types.Refused("not_possible", _told(wrong), fa) from wrong
    return {"number": made.number}


def _submit(request: ServiceRequest, inputs: Mapping[str, Any], now: datetime) -> ServiceRequest:
    submission = requests.Submission(
        service=job_types.text(inputs, "service", 80),
        subject=job_types.text(inputs, "subject", 200),
        description=job_types.text(inputs, "description", 20_000),
        customer=request.contact,
        data=job_types.context(inputs, "data"),
    )
    about = {"channel": request.channel, "language": request.language}
    made = requests.submit(submission, SYSTEM, now, **about)
    made.created_by, made.confidential = request.created_by, request.confidential
    made.named_users = list(request.named_users)
    return made


def _told(wrong: Invalid | NoSuch) -> str:
    if isinstance(wrong, Invalid):
        return "; ".join(f"{key}: {' '.join(said)}" for key, said in wrong.errors.items())
    return str(wrong)


def _check_depth(request: ServiceRequest) -> None:
    above: int | None = request.id
    for _ in range(DEEPEST):
        query = select(RequestLink.parent_id).where(RequestLink.child_id == above)
        above = session().scalar(query.order_by(RequestLink.id).limit(1))
        if above is None:
            return
    en = f"This request stands {DEEPEST} requests below the first one; no more are opened."
    fa = "این درخواست خود از پی چندین درخواست باز شده است؛ دیگر درخواستی باز نمی‌شود."
    raise job_types.Refused("too_deep", en, fa)
