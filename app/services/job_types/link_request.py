"""``link-request``: hangs this request on another one.

Input ``parent``: the number of the other request. Header ``kind``: that of the link; when it is
left out, the input ``link_kind`` says it, or else it is ``duplicate``. Gives ``parent`` (its
number), ``parent_open``, and of a parent whose variable ``resolved`` is true its ``resolution`` as
``parent_resolution`` (else null), so that who comes too late for its message need not wait.
Refused: ``not_found`` and ``not_possible`` (to itself, in a circle). A confidential request is not
found either, and nothing tells that it is there, unless all who read this one may read it too.

The parent's process is locked meanwhile: either its resolution is seen here, or its message to
its children, sent later, finds this one waiting. Nobody else locks from the parent to a child.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.access import SYSTEM
from app.db import session
from app.errors import Invalid
from app.models import ProcessInstance, ServiceJob, ServiceRequest
from app.services import job_types
from app.services.casework import links, requests
from app.services.execution import processes


def do(
    instance: ProcessInstance, job: ServiceJob, inputs: Mapping[str, Any], now: datetime
) -> Mapping[str, Any]:
    """Link it and tell how the other one stands."""
    child = of(instance)
    parent = find(job_types.text(inputs, "parent", 20), child)
    kind = str(job.headers.get("kind") or inputs.get("link_kind") or links.DUPLICATE)
    resolution = _resolution_of(parent)
    try:
        links.link(parent, child, kind, SYSTEM, now)
    except Invalid as wrong:
        fa = "این دو درخواست را نمی‌توان این‌گونه به هم پیوند داد."
        raise job_types.Refused("not_possible", str(wrong), fa) from wrong
    return {
        "parent": parent.number,
        "parent_open": parent.is_open,
        "parent_resolution": resolution,
    }


def of(instance: ProcessInstance) -> ServiceRequest:
    """The request of the process; raises Refused (``no_request``) when it has none."""
    if instance.request is None:
        en, fa = "The process belongs to no request.", "این فرایند از آنِ درخواستی نیست."
        raise job_types.Refused("no_request", en, fa)
    return instance.request


def find(number: str, child: ServiceRequest) -> ServiceRequest:
    """The other request; raises Refused (``not_found``)."""
    tidy = requests.tidy_number(number)
    found = session().scalar(select(ServiceRequest).where(ServiceRequest.number == tidy))
    if found is None or found.id == child.id or not links.may_tell(found, child):
        en = f"There is no other request {tidy}."
        raise job_types.Refused("not_found", en, f"درخواست دیگری با شمارهٔ {tidy} نیست.")
    return found


def _resolution_of(parent: ServiceRequest) -> Any:
    """What its process says resolved it, while that stands; the process stays locked."""
    for instance in processes.of_request(parent.id):
        variables = processes.inspect(processes.lock(instance.id)).variables
        if variables.get("resolved") is True:
            return variables.get("resolution") or ""
    return None
