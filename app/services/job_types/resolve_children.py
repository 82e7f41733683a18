"""``resolve-children``: tells the processes of all duplicates that this request is resolved.

Header ``message``: the name of the message, ``parent_resolved`` when left out. Input ``data``, a
context, travels with it, and so does ``parent``, this request's number. Gives ``children``, how
many were told.
A duplicate that does not wait for its original (it was refused and is handled by itself) hears
nothing. One whose readers may not see this confidential request goes on too, but hears none of its
words: every text is empty and of the rest only what is true or false is told.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.models import ProcessInstance, ServiceJob
from app.services import job_types
from app.services.casework import linked, links
from app.services.job_types.link_request import of

RESOLVED = "parent_resolved"


def do(
    instance: ProcessInstance, job: ServiceJob, inputs: Mapping[str, Any], now: datetime
) -> Mapping[str, Any]:
    """Queue one message for each duplicate."""
    request = of(instance)
    message = str(job.headers.get("message") or RESOLVED)
    data = {**job_types.context(inputs, "data"), "parent": request.number}
    told = links.children_told(request)
    others = [one for one in links.children(request.id) if one not in told]
    return {
        "children": linked.send(told, message, data) + linked.send(others, message, _bare(data))
    }


def _bare(data: Mapping[str, Any]) -> dict[str, Any]:
    """The same names with nothing that anybody wrote; a letter can still be written with them."""
    return {name: _without_words(value) for name, value in data.items()}


def _without_words(value: Any) -> Any:
    if isinstance(value, str):
        return ""
    return value if isinstance(value, bool) else None
