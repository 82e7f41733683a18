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
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, String, Text, bindparam, cast, func, select

from app.access import SYSTEM
from app.db import run
from app.models import Event, ProcessInstance, ServiceJob, ServiceRequest
from app.models.history import TREND
from app.services import history, job_types
from app.services.casework import links
from app.services.job_types.link_request import of

MOST_LINKED, MOST_COUNTED = 20, 1000
LONGEST = 366
REFUSES_FIRST = True


def do(
    instance: ProcessInstance, job: ServiceJob, inputs: Mapping[str, Any], now: datetime
) -> Mapping[str, Any]:
    """Find and link them, and say whether they are a trend that nobody was told of."""
    request = of(instance)
    days, many = _whole(job.headers, "days"), _whole(job.headers, "many")
    said = _said(request, job_types.text(job.headers, "compare"))
    if request.confidential or not said:
        return {"alike": 0, "numbers": [], "trend": False}
    facts = _facts(request, said, now - timedelta(days=days))
    names = tuple(said)
    found = [links.Known(*row) for row in run(_alike(names), facts).all()]
    newest = found[:MOST_LINKED]
    links.relate(newest, request, SYSTEM, now)
    is_trend = len(found) + 1 >= many and _is_first_to_tell(names, facts)
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


def _said(request: ServiceRequest, compare: str) -> dict[str, str]:
    """Those of the fields that are filled in here."""
    said = {name.strip(): request.data.get(name.strip()) for name in compare.split(",")}
    return {name: str(value) for name, value in said.items() if value not in (None, "")}


def _facts(request: ServiceRequest, said: Mapping[str, str], since: datetime) -> dict[str, Any]:
    fields = {f"field_{number}": value for number, value in enumerate(said.values())}
    return {"own": request.id, "service": request.service, "since": since, **fields}


def _same(names: Sequence[str]) -> Sequence[ColumnElement[bool]]:
    """That each of these fields is the same there."""
    return [
        func.lower(func.btrim(ServiceRequest.data[name].as_string())) == _plain(number)
        for number, name in enumerate(names)
    ]


def _plain(number: int) -> ColumnElement[str]:
    return func.lower(func.btrim(cast(bindparam(f"field_{number}", type_=String), Text)))


_KNOWN: Sequence[Any] = (ServiceRequest.id, ServiceRequest.number, ServiceRequest.confidential)


# Put together once for the fields that a process compares: that takes longer than the asking.
@lru_cache(maxsize=64)
def _alike(names: tuple[str, ...]) -> Select[Any]:
    """Those alike, newest first."""
    query = select(*_KNOWN).where(
        ServiceRequest.service == bindparam("service"),
        ServiceRequest.created_at >= bindparam("since"),
        ServiceRequest.id != bindparam("own"),
        ServiceRequest.confidential.is_(False),
        *_same(names),
    )
    found: Select[Any] = query.order_by(ServiceRequest.id.desc()).limit(MOST_COUNTED)
    return found


def _is_first_to_tell(names: tuple[str, ...], facts: Mapping[str, Any]) -> bool:
    """Whether none of those alike has told of it; two that ask at once are asked in turn."""
    run(_ONE_AT_A_TIME, {"service": facts["service"]})
    told = {name: value for name, value in facts.items() if name != "own"}
    return not run(_telling(names), told).all()


_ONE_AT_A_TIME = select(func.pg_advisory_xact_lock(func.hashtext(bindparam("service"))))


@lru_cache(maxsize=64)
def _telling(names: tuple[str, ...]) -> Select[Any]:
    query = select(Event.id).join(ServiceRequest, ServiceRequest.id == Event.request_id)
    told = query.where(
        Event.kind == TREND,
        Event.at >= bindparam("since"),
        ServiceRequest.service == bindparam("service"),
        *_same(names),
    )
    return told.limit(1)
