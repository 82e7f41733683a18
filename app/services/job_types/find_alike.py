"""``find-alike``: links what came of the same kind lately, and tells when it is a trend.

Headers: ``compare``, the fields of the form that must be the same, with commas between them;
``days``, how far to look back; ``many``, how many alike (this one counted) are a trend. Gives
``alike`` (how many others), ``numbers`` (of the newest of them) and ``trend``, which is true once
for all of them together: while one of those alike has shown it within these days, no other does.

Texts are compared without case and outer blanks; a field that is empty here is not compared, and
where all are empty nothing is alike. A confidential request neither finds nor is found, so that
no number tells of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, String, Text, cast, exists, func, literal, or_, select

from app.access import SYSTEM
from app.db import session
from app.models import Event, ProcessInstance, ServiceJob, ServiceRequest
from app.services import history, job_types, links
from app.services.job_types.link_request import of

TREND = "trend_found"
MOST_LINKED = 20
"""So many of the newest are linked and named; the count is whole."""
LONGEST = 366


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
    _let_nobody_else_count(request)
    alike = _alike(request, same, since)
    newest = _newest(alike)
    links.relate(newest, request, SYSTEM, now)
    count, told = _stand(request, alike, since)
    is_trend = count + 1 >= many and not told
    numbers = [other.number for other in newest]
    if is_trend:
        history.note(
            TREND, SYSTEM, now, request_id=request.id,
            data={"alike": count + 1, "numbers": numbers},
        )  # fmt: skip
    return {"alike": count, "numbers": numbers, "trend": is_trend}


def _whole(headers: Mapping[str, Any], name: str) -> int:
    """A header that must be a whole number; raises Refused (``input``)."""
    text = str(headers.get(name, ""))
    if text.isdecimal() and 1 <= int(text) <= LONGEST:
        return int(text)
    en = f"The header “{name}” must be a whole number from 1 to {LONGEST}."
    fa = f"سرایند «{name}» باید عددی از ۱ تا ۳۶۶ باشد."
    raise job_types.Refused(job_types.INPUT, en, fa)


def _same(request: ServiceRequest, compare: str) -> list[ColumnElement[bool]]:
    """That each field which is filled in here is the same there."""
    said = {name.strip(): request.data.get(name.strip()) for name in compare.split(",")}
    return [
        func.lower(func.btrim(ServiceRequest.data[name].as_string())) == _plain(value)
        for name, value in said.items()
        if value not in (None, "")
    ]


def _plain(value: object) -> ColumnElement[str]:
    return func.lower(func.btrim(cast(literal(str(value), String), Text)))


def _let_nobody_else_count(request: ServiceRequest) -> None:
    """Two of the same service that count at the same moment would both be the one that tells."""
    session().execute(select(func.pg_advisory_xact_lock(func.hashtext(request.service))))


def _alike(
    request: ServiceRequest, same: Sequence[ColumnElement[bool]], since: datetime
) -> list[ColumnElement[bool]]:
    """What is true of those alike."""
    return [
        ServiceRequest.service == request.service,
        ServiceRequest.created_at >= since,
        ServiceRequest.id != request.id,
        ServiceRequest.confidential.is_(False),
        *same,
    ]


def _newest(alike: Sequence[ColumnElement[bool]]) -> list[links.Known]:
    told = (ServiceRequest.id, ServiceRequest.number, ServiceRequest.confidential)
    query = select(*told).where(*alike).order_by(ServiceRequest.id.desc()).limit(MOST_LINKED)
    return [links.Known(*row) for row in session().execute(query)]


def _stand(
    request: ServiceRequest, alike: Sequence[ColumnElement[bool]], since: datetime
) -> tuple[int, bool]:
    """How many are alike, and whether one of them or this one has shown the trend. Only what
    PostgreSQL counts leaves it, for they may be thousands."""
    ids = select(ServiceRequest.id).where(*alike)
    of_one = or_(Event.request_id == request.id, Event.request_id.in_(ids))
    told = exists().where(Event.kind == TREND, Event.at >= since, of_one)
    count = select(func.count()).select_from(ids.subquery()).scalar_subquery()
    row = session().execute(select(count, told)).one()
    return row[0], row[1]
