"""``inform-children``: writes to the customers of all duplicates of this request.

Header ``template``: the message template, written in each customer's own language; it sees
the input ``data``, a context, as ``vars`` and this request's number as ``vars.parent``. Gives
``children``, how many were told. The letters go out each by itself: one that cannot be written
holds up nothing here. Of a confidential request nothing is written to duplicates with readers who
may not see it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.models import ProcessInstance, ServiceJob
from app.services import job_types
from app.services.casework import linked, links
from app.services.job_types.link_request import of


def do(
    instance: ProcessInstance, job: ServiceJob, inputs: Mapping[str, Any], now: datetime
) -> Mapping[str, Any]:
    """Queue one letter for each duplicate."""
    request = of(instance)
    template = job_types.text(job.headers, "template")
    variables = {**job_types.context(inputs, "data"), "parent": request.number}
    return {"children": linked.tell(links.children_told(request), template, variables)}
