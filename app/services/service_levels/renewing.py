"""Letting the promises of open requests follow what was agreed anew with customers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from app.db import session
from app.models import Party, ServiceRequest
from app.models.requests import CLOSED
from app.services.casework import holding, terms
from app.services.service_levels import promises


@dataclass(frozen=True)
class About:
    """Whose open requests: a customer's, or all of a branch."""

    party_id: int | None = None
    branch: str | None = None
    branch_before: str | None = None
    """The customer's branch until now: requests that are still of it come to the new one."""


def following(about: About, after: int) -> int | None:
    """The id of the next open request that it is about."""
    own = ServiceRequest.branch_key == about.branch
    if about.party_id is not None:
        own = ServiceRequest.customer_id == about.party_id
    query = select(ServiceRequest.id).where(
        own, ServiceRequest.status != CLOSED, ServiceRequest.id > after
    )
    return session().scalar(query.order_by(ServiceRequest.id).limit(1))


def bring(request_id: int, about: About, now: datetime) -> None:
    """Let one request follow: its branch where it had the customer's, a contract where it had
    none, and its promises, with the time already counted."""
    request = session().get_one(ServiceRequest, request_id)
    holding.hold(request)
    if not request.is_open:
        return
    if about.party_id is not None:
        party = session().get_one(Party, about.party_id)
        if request.branch_key == about.branch_before:
            request.branch_key = party.branch_key
        if request.contract_id is None:
            found = terms.in_force(party.id, request.service, now)
            request.contract_id = found.id if found else None
    promises.renew(request, now)
