"""``resolve-children``: tells the processes of all duplicates that this request is resolved.

Header ``message``: the name of the message, ``parent_resolved`` when left out. Input ``data``, a
context, travels with it, and so does ``parent``, this request's number. Gives ``children``, how
many were told.
A duplicate that does not wait for its original (it was refused and is handled by itself) hears
nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.models import ProcessInstance, ServiceJob
from app.services import job_types, linked, links
from app.services.job_types.link_request import of

RESOLVED = "parent_resolved"


def do(
    instance: ProcessInstance, job: ServiceJob, inputs: Mapping[str, Any], now: datetime
) -> Mapping[str, Any]:
    """Queue one message for each duplicate."""
    request = of(instance)
    message = str(job.headers.get("message") or RESOLVED)
    data = {**job_types.context(inputs, "data"), "parent": request.number}
    return {"children": linked.send(links.children(request.id), message, data)}
