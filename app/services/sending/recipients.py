"""To whom a message of a service task goes: the customer, or the members of a group."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import bpmn
import connectors
from app.models import ServiceJob

CUSTOMER = "customer"
_GROUP = re.compile(r"group:[\w.-]{1,80}")


def of(job: ServiceJob, inputs: Mapping[str, Any]) -> str:
    """Whom the header ``to`` names, itself or by a FEEL expression over what the task sees; the
    customer where there is none. Raises ``connectors.BadAddress`` for an expression that gives
    neither the customer nor ``group:<key>``, or fails."""
    said = str(job.headers.get("to", CUSTOMER))
    if not said.startswith("="):
        return said
    try:
        found = bpmn.feel.evaluate(said.removeprefix("="), inputs)
    except bpmn.feel.FeelError as error:
        raise connectors.BadAddress(f"the header to cannot be evaluated: {error}") from error
    if found != CUSTOMER and not (isinstance(found, str) and _GROUP.fullmatch(found)):
        raise connectors.BadAddress(f"the header to gives {found!r:.80}, not group:<key>")
    return str(found)


def is_group(job: ServiceJob) -> bool:
    """Whether colleagues are written to; an expression is there to choose among groups."""
    return str(job.headers.get("to", CUSTOMER)).startswith(("group:", "="))
