"""Requests like one another: of one topic or one asset."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, exists, false, or_, select
from sqlalchemy.dialects.postgresql import insert

from app.db import session
from app.models import Problem, RequestLink, RequestTopic, ServiceRequest
from app.models.requests import CLOSED

LOOK_BACK = timedelta(days=90)
MOST = 10


def categorise(request: ServiceRequest, topic: str | None, asset_id: int | None) -> RequestTopic:
    """Keep what the request is about; said again, the newer word counts."""
    values = {"topic": topic, "asset_id": asset_id}
    row = insert(RequestTopic).values(request_id=request.id, **values)
    session().execute(row.on_conflict_do_update(index_elements=["request_id"], set_=values))
    return session().get_one(RequestTopic, request.id, populate_existing=True)


def same_thing(
    of: type[Problem | RequestTopic], topic: RequestTopic, *besides: ColumnElement[bool]
) -> ColumnElement[bool]:
    """That a row is about the same topic or the same asset; ``besides`` must hold for the topic.

    What is unknown here is like nothing: without a topic and an asset no row is.
    """
    ways: list[ColumnElement[bool]] = [false()]
    if topic.topic is not None:
        ways.append(and_(of.topic == topic.topic, *besides))
    if topic.asset_id is not None:
        ways.append(of.asset_id == topic.asset_id)
    return or_(*ways)


def still_open(request: ServiceRequest, topic: RequestTopic) -> Sequence[ServiceRequest]:
    """Open requests of the same service of the catalogue about the same thing, oldest first.

    Confidential ones are left out, and so are duplicates: their original stands for them.
    """
    duplicate = exists().where(
        RequestLink.child_id == ServiceRequest.id, RequestLink.kind == "duplicate"
    )
    query = (
        select(ServiceRequest)
        .join(RequestTopic, RequestTopic.request_id == ServiceRequest.id)
        .where(
            ServiceRequest.id != request.id,
            ServiceRequest.service == request.service,
            ServiceRequest.status != CLOSED,
            ServiceRequest.confidential.is_(False),
            same_thing(RequestTopic, topic),
            ~duplicate,
        )
    )
    return list(session().scalars(query.order_by(ServiceRequest.id).limit(MOST)))


def came_before(request: ServiceRequest, topic: RequestTopic, now: datetime) -> bool:
    """Whether the same asset, or the same customer with the same topic, had one in 90 days."""
    by_same = ServiceRequest.customer_id == request.customer_id
    query = (
        select(ServiceRequest.id)
        .join(RequestTopic, RequestTopic.request_id == ServiceRequest.id)
        .where(
            ServiceRequest.id != request.id,
            ServiceRequest.service == request.service,
            ServiceRequest.status == CLOSED,
            ServiceRequest.created_at > now - LOOK_BACK,
            same_thing(RequestTopic, topic, by_same),
        )
        .limit(1)
    )
    return session().scalar(query) is not None
