"""``tell-parents``: gives a message to the processes of the requests that this one hangs on.

Headers: ``message``, its name, and ``kind`` of the link (``duplicate``, ``dispute`` ...; every kind
when left out). Input ``data``, a context, travels with it, and so does ``child``, this request's
number. Gives ``parents``, how many requests were told. One whose process waits for no such message
hears nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.db import session
from app.models import ProcessInstance, RequestLink, ServiceJob
from app.services import job_types
from app.services.casework import linked
from app.services.job_types.link_request import of


def do(
    instance: ProcessInstance, job: ServiceJob, inputs: Mapping[str, Any], now: datetime
) -> Mapping[str, Any]:
    """Queue one message for each parent."""
    request = of(instance)
    message = job_types.text(job.headers, "message")
    data = {**job_types.context(inputs, "data"), "child": request.number}
    return {"parents": linked.send(_parents(request.id, job.headers.get("kind")), message, data)}


def _parents(request_id: int, kind: object) -> Sequence[int]:
    query = select(RequestLink.parent_id).where(RequestLink.child_id == request_id)
    if kind is not None:
        query = query.where(RequestLink.kind == str(kind))
    return list(session().scalars(query.order_by(RequestLink.id)))
