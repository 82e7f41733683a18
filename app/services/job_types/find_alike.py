"""``find-alike``: links what came of the same kind lately, and tells when it is a trend.

Headers: ``compare``, the fields of the form that must be the same, with commas between them;
``days``, how far to look back; ``many``, how many alike (this one counted) are a trend. Gives
``alike`` (how many others, at most 1,000), ``numbers`` (of the newest of them) and ``trend``, which
is true once for all of them together: while one of those alike has shown it within these days, no
other does.

Texts are compared without case and outer blanks; a field that is empty here is not compared, and
where all are empty nothing is alike. A confidential request neither finds nor is found, so that
no number tells of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, String, Text, cast, func, literal, select

from app.access import SYSTEM
from app.db import session
from app.models import Event, ProcessInstance, ServiceJob, ServiceRequest
from app.models.history import TREND
from app.services import history, job_types, links
from app.services.job_types.link_request import of

MOST_LINKED, MOST_COUNTED = 20, 1000
LONGEST = 366

Same = Sequence[ColumnElement[bool]]
"""That the fields which are filled in here are the same there."""


def do(
    instance: ProcessInstance, job: ServiceJob, inputs: Mapping[str, Any], now: datetime
) -> Mapping[str, Any]:
    """Find and link them, and say whether they are a trend that nobody was told of."""
    request = of(instance)
    days, many = _whole(job.headers, "days"), _whole(job.headers, "many")
    since = now - timedelta(days=days)
    same = _same(request, job_types.text(job.headers, "compare"))
    if request.confidential or not same:
        return {"alike": 0, "numbers": [], "trend": False}
    found = _find(request, same, since)
    newest = found[:MOST_LINKED]
    links.relate(newest, request, SYSTEM, now)
    is_trend = len(found) + 1 >= many and _is_first_to_tell(request, same, since)
    numbers = [other.number for other in newest]
    if is_trend:
        told = {"alike": len(found) + 1, "numbers": numbers}
        history.note(TREND, SYSTEM, now, request_id=request.id, data=told)
    return {"alike": len(found), "numbers": numbers, "trend": is_trend}


def _whole(headers: Mapping[str, Any], name: str) -> int:
    """A header that must be a whole number; raises Refused (``input``)."""
    text = str(headers.get(name, ""))
    if text.isdecimal() and 1 <= int(text) <= LONGEST:
        return int(text)
    en = f"The header “{name}” must be a whole number from 1 to {LONGEST}."
    fa = f"سرایند «{name}» باید عددی از ۱ تا ۳۶۶ باشد."
    raise job_types.Refused(job_types.INPUT, en, fa)


def _same(request: ServiceRequest, compare: str) -> Same:
    """That each field which is filled in here is the same there."""
    said = {name.strip(): request.data.get(name.strip()) for name in compare.split(",")}
    return [
        func.lower(func.btrim(ServiceRequest.data[name].as_string())) == _plain(value)
        for name, value in said.items()
        if value not in (None, "")
    ]


def _plain(value: object) -> ColumnElement[str]:
    return func.lower(func.btrim(cast(literal(str(value), String), Text)))


def _find(request: ServiceRequest, same: Same, since: datetime) -> list[links.Known]:
    """Those alike, newest first."""
    known = (ServiceRequest.id, ServiceRequest.number, ServiceRequest.confidential)
    query = select(*known).where(
        ServiceRequest.service == request.service,
        ServiceRequest.created_at >= since,
        ServiceRequest.id != request.id,
        ServiceRequest.confidential.is_(False),
        *same,
    )
    newest = query.order_by(ServiceRequest.id.desc()).limit(MOST_COUNTED)
    return [links.Known(*row) for row in session().execute(newest)]


def _is_first_to_tell(request: ServiceRequest, same: Same, since: datetime) -> bool:
    """Whether none of those alike has told of it; two that ask at once are asked in turn."""
    session().execute(select(func.pg_advisory_xact_lock(func.hashtext(request.service))))
    query = select(Event.id).join(ServiceRequest, ServiceRequest.id == Event.request_id)
    told = query.where(
        Event.kind == TREND, Event.at >= since, ServiceRequest.service == request.service, *same
    )
    return session().scalar(told.limit(1)) is None
