"""On whose terms a request is served: the facts that policies ask about."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import String, and_, bindparam, func, or_, select
from sqlalchemy.dialects.postgresql import ARRAY

from app import running
from app.access import STAFF, Actor
from app.db import session
from app.errors import Forbidden, NoSuch
from app.models import Branch, Contract, Party, ServiceRequest
from app.objects import columns_of, read
from app.services import history

STANDARD = "standard"
"""The tier of a customer of whom nothing else is known."""


def facts_of(request: ServiceRequest) -> Mapping[str, str | None]:
    """What rules may name: ``service``, ``priority``, ``tier``, ``contract``, ``branch``."""
    return {
        "service": request.service,
        "priority": request.priority,
        "tier": request.terms.get("tier", STANDARD),
        "contract": request.terms.get("contract"),
        "branch": request.branch_key,
    }


def calendar_of(request: ServiceRequest) -> str | None:
    """The key of the calendar of the request's branch, if it has one of its own."""
    return request.terms.get("calendar")


def agree(request: ServiceRequest, party: Party, now: datetime, *, is_new: bool = False) -> None:
    """Take the contract that is in force for this customer and service, and its level; who is a
    new customer has none."""
    contract = None if is_new else in_force(party.id, request.service, now)
    request.contract_id = contract.id if contract else None
    request.terms = _terms(party.tier, contract, _branch(request.branch_key))


def renew(request: ServiceRequest) -> bool:
    """Judge the terms anew, since the customer's tier, the contract or the branch may have
    changed; whether they did."""
    party = session().get_one(Party, request.customer_id)
    contract = session().get(Contract, request.contract_id) if request.contract_id else None
    found = _terms(party.tier, contract, _branch(request.branch_key))
    changed = found != request.terms
    if changed:
        request.terms = found
    return changed


def in_force(party_id: int, service: str, now: datetime) -> Contract | None:
    """The customer's contract for that service on this day; of several the one that began last."""
    today = now.astimezone(running.settings().time_zone).date()
    found = read(_IN_FORCE, {"party": party_id, "today": today, "wanted": [service]}, Contract)
    return found[0][0] if found else None


_IN_FORCE = (
    select(*columns_of(Contract))
    .where(
        Contract.party_id == bindparam("party"),
        Contract.starts_on <= bindparam("today"),
        or_(Contract.ends_on.is_(None), Contract.ends_on >= bindparam("today")),
        or_(
            func.cardinality(Contract.services) == 0,
            Contract.services.contains(bindparam("wanted", type_=ARRAY(String))),
        ),
    )
    .order_by(Contract.starts_on.desc(), Contract.id.desc())
    .limit(1)
)


def has_branch(key: str) -> bool:
    """Whether there is a branch of that key."""
    return _branch(key) is not None


def contracts_of(party_id: int) -> list[Contract]:
    """The customer's contracts, the one that began last first."""
    query = select(Contract).where(Contract.party_id == party_id)
    return list(session().scalars(query.order_by(Contract.starts_on.desc(), Contract.id.desc())))


def branch_of(party: Party) -> Branch | None:
    """The branch that serves a customer, if one does."""
    return _branch(party.branch_key)


def branches() -> list[Branch]:
    """All places from which customers are served."""
    return list(session().scalars(select(Branch).order_by(Branch.key)))


def choose(
    request: ServiceRequest,
    actor: Actor,
    now: datetime,
    *,
    contract: str | None,
    branch: str | None,
) -> None:
    """Put a request under another contract (by its number) and branch; its clocks are brought
    by ``promises.renew``. Raises Forbidden, and NoSuch for what this customer does not have."""
    if not actor.has(STAFF):
        raise Forbidden
    found = _contract(request, contract) if contract else None
    place = _branch(branch)
    if branch and place is None:
        raise NoSuch(en=f"branch {branch}", fa=f"شعبهٔ {branch}")
    request.contract_id, request.branch_key = found.id if found else None, branch or None
    facts = {"contract": found.number if found else None, "branch": place.names if place else None}
    history.note("terms_changed", actor, now, request_id=request.id, data=facts)


def _contract(request: ServiceRequest, number: str) -> Contract:
    own = and_(Contract.number == number, Contract.party_id == request.customer_id)
    found = session().scalar(select(Contract).where(own))
    if found is None:
        raise NoSuch(en=f"contract {number}", fa=f"قرارداد {number}")
    return found


def _branch(key: str | None) -> Branch | None:
    return session().get(Branch, key) if key else None


def _terms(tier: str, contract: Contract | None, branch: Branch | None) -> dict[str, str]:
    found = {"tier": tier}
    if contract is not None:
        found["contract"] = contract.level
    if branch is not None and branch.calendar:
        found["calendar"] = branch.calendar
    return found
