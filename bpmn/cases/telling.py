"""Steps and what waits, in a few words for whoever reads why a case failed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from bpmn.cases import model
from bpmn.model import Outcome

_KINDS: Mapping[type, tuple[str, str]] = {
    model.Complete: ("complete", "element"), model.FinishJob: ("job", "job"),
    model.Tell: ("message", "message"), model.Broadcast: ("signal", "signal"),
    model.Ring: ("timer", "timer"), model.Pass: ("wait", ""), model.Retry: ("retry", "element"),
    model.Skip: ("skip", "element"), model.Change: ("set", "variables"),
    model.Move: ("move", "element"), model.Activate: ("activate", "element"),
    model.Expect: ("expect", ""), model.Post: ("webhook", "body"),
}  # fmt: skip
"""For each step the key that tells it in the file, and the field of what it names."""


def describe(step: model.Step) -> str:
    """The step as it stands in the file, without its data."""
    kind, where = _KINDS[type(step)]
    said = getattr(step, where) if where else ""
    if isinstance(step, model.Post):
        said = str(step.body.get("type", ""))
    name = said if isinstance(said, str) else ", ".join(said)
    return json.dumps({kind: name}, ensure_ascii=False) if name else f'"{kind}"'


def waits_of(outcome: Outcome) -> Iterator[str]:
    """All that waits and stands, each in a few words."""
    for task in outcome.user_tasks:
        yield f"user task {task.element}" + (f" (form {task.form})" if task.form else "")
    for job in outcome.jobs:
        yield f"job {job.element} (type {job.type})"
    for timer in outcome.timers:
        yield f"timer {timer.element} (due {timer.due_at.isoformat()})"
    for message in outcome.messages:
        key = f", correlation key {message.correlation}" if message.correlation else ""
        yield f"message {message.message} at {message.element}{key}"
    for signal in outcome.signals:
        yield f"signal {signal.signal} at {signal.element}"
    for fault in outcome.faults:
        yield f"fault {fault.code} at {fault.element}: {fault.message}"
