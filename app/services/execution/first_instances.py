"""The first process of a request, by whose version the customer is told of stages."""

from __future__ import annotations

from sqlalchemy import BigInteger, bindparam, func, literal_column, select
from sqlalchemy.orm import aliased

from app.db import run, session, this_transaction
from app.models import ProcessInstance


def note(instance: ProcessInstance) -> None:
    """Keep that this one is the first of its request, until the transaction ends."""
    session().info[_FIRST] = (this_transaction(), instance)


def definition_of(request_id: int) -> int | None:
    """The id of the version by which it is drawn; None before the process has started."""
    during, first = session().info.get(_FIRST, (None, None))
    if first is not None and first.request_id == request_id and during is this_transaction():
        known: int = first.definition_id
        return known
    found: int | None = run(_DEFINITION, {"request_id": request_id}).scalar()
    return found


_FIRST = "first instance"
_DEFINITION = (
    select(ProcessInstance.definition_id)
    .where(ProcessInstance.request_id == bindparam("request_id", type_=BigInteger))
    .order_by(ProcessInstance.id)
    .limit(1)
)
_other = aliased(ProcessInstance)
OF_INSTANCE = (
    select(func.min(_other.id))
    .where(_other.request_id == literal_column("process_instance.request_id", BigInteger))
    .scalar_subquery()
)
"""The id of the first one, as a column of a question for one instance of the request."""
