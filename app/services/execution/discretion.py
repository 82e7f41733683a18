"""Staff decide what runs in an ad-hoc subprocess: they ask for its elements."""

from __future__ import annotations

from datetime import datetime

import bpmn
from app.access import Actor, may_see_request, staff
from app.errors import Forbidden, NoSuch, OperationRefused
from app.services import history
from app.services.execution import diagrams, processes


def activate(
    instance_id: int, element: str, subprocess: str | None, actor: Actor, now: datetime
) -> None:
    """Let an element of a running ad-hoc subprocess begin.

    ``subprocess`` is the key of the subprocess's token, needed only where several of them could
    run the element. Raises NoSuch for who may not see the request, and OperationRefused when
    the element cannot be activated now, or it is not said where.
    """
    if not staff(actor):
        raise Forbidden
    instance = processes.lock(instance_id)
    if instance.request is not None and not may_see_request(actor, instance.request):
        raise NoSuch(**processes.named(instance_id))
    if instance.status != "active":
        raise processes.InstanceEnded
    chosen = _choose(processes.inspect(instance), element, subprocess)
    called = history.belonging(diagrams.of(instance).id_of(chosen))
    cause = {"kind": "element_activated", "element": element, **called}
    processes.advance(instance, bpmn.ActivateElement(chosen.key, element), cause, actor, now)


def _choose(outcome: bpmn.Outcome, element: str, subprocess: str | None) -> bpmn.Activatable:
    found = [
        one for one in outcome.activatable
        if element in one.elements and subprocess in (None, one.key)
    ]  # fmt: skip
    if not found:
        raise OperationRefused(
            en=f"“{element}” cannot be activated now; look at what may be (activatable).",
            fa=f"«{element}» اکنون فعال‌شدنی نیست؛ ببینید چه چیزهایی فعال می‌شوند (activatable).",
        )
    if len(found) > 1:
        keys = ", ".join(one.key for one in found)
        raise OperationRefused(
            en=f"Several subprocesses hold “{element}”; name one by its key: {keys}.",
            fa=f"چند زیرفرایند «{element}» را دارند؛ یکی را با کلیدش نام ببرید: {keys}.",
        )
    return found[0]
