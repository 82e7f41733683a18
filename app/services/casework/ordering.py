"""Who may ask for a service of the catalogue, and what its process is told of it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from app.access import STAFF, SYSTEM, Actor
from app.errors import Invalid
from app.models import Party
from app.services.casework import terms
from app.services.casework.catalogue_model import PlannedTask, Service


def offered(
    services: Iterable[Service], actor: Actor, party: Party | None, now: datetime
) -> list[Service]:
    """Those that this person may ask for; ``party`` is the customer's record where it is known,
    by the tracking code of an earlier request."""
    return [one for one in services if may_ask(one, actor, party, now)]


def may_ask(service: Service, actor: Actor, party: Party | None, now: datetime) -> bool:
    """Whether somebody is among those whom the catalogue names for a service.

    What a process opens in the customer's name, its diagram has decided.
    """
    wanted = service.audience
    if wanted.everyone or (wanted.staff and (actor.has(STAFF) or actor == SYSTEM)):
        return True
    if party is None:
        return False
    holds = wanted.contract and terms.in_force(party.id, service.key, now) is not None
    return holds or party.tier in wanted.tiers


def check_audience(
    service: Service, party: Party, actor: Actor, now: datetime, language: str
) -> None:
    """Raises Invalid at ``service`` for a customer who may not ask for it.

    What staff may ask for, they may ask for in anybody's name.
    """
    if not may_ask(service, actor, party, now):
        raise Invalid({"service": [_NOT_OFFERED[language != "fa"]]})


_NOT_OFFERED = (
    "این خدمت برای شما ارائه نمی‌شود؛ خدمت دیگری برگزینید یا با ما تماس بگیرید.",
    "This service is not offered to you; choose another one, or call us.",
)


def item_of(service: Service | None) -> dict[str, Any] | None:
    """What a process may know of its service: price, approval rule and plan; None where the
    catalogue says none of these."""
    if service is None or not (service.plan or service.price or service.approval != "none"):
        return None
    price = service.price and {"amount": service.price.amount, "currency": service.price.currency}
    return {
        "key": service.key,
        "names": dict(service.names),
        "price": price,
        "approval": service.approval,
        "plan": [_planned(task) for task in service.plan],
    }


def _planned(task: PlannedTask) -> dict[str, Any]:
    """Its promise in seconds, since a day of work is eight hours and FEEL's has 24."""
    return {
        "key": task.key,
        "group": task.group,
        "names": dict(task.names),
        "undo": dict(task.undo),
        "sla": f"PT{int(task.promise.total_seconds())}S",
    }
