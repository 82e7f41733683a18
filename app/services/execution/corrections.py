"""Which values an operator wrote into a process and what stood there, as the history keeps it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from app.models import ProcessInstance
from app.services import texts
from app.services.execution import processes

LONGEST = 200
"""Characters of a value that are kept; what is longer ends in an ellipsis."""
MOST = 50
"""Values that are kept of one correction; all names are."""


def told(instance: ProcessInstance, variables: Mapping[str, Any]) -> dict[str, Any]:
    """The names in ``changed`` and, where there are any, in ``values`` for each ``to`` and ``from``
    as JSON: what was written, and what the process held under that name, if anything."""
    if not variables:
        return {"changed": []}
    names, before = sorted(variables), processes.inspect(instance).variables
    values = {}
    for name in names[:MOST]:
        values[name] = {"to": _short(variables[name])}
        if name in before:
            values[name]["from"] = _short(before[name])
    return {"changed": names, "values": values}


def _short(value: Any) -> str:
    said = texts.tidy(json.dumps(value, ensure_ascii=False, default=str))
    return said if len(said) <= LONGEST else said[: LONGEST - 1] + "…"
