"""Steps and what waits, in a few words for whoever reads why a case failed."""

from __future__ import annotations

import json
from collections.abc import Iterator

from bpmn.cases import model
from bpmn.model import Outcome


def describe(step: model.Step) -> str:
    """The step as it stands in the file, without its data."""
    kind, name = _words(step)
    return json.dumps({kind: name}, ensure_ascii=False) if name else f'"{kind}"'


def _words(step: model.Step) -> tuple[str, str]:
    match step:
        case model.Complete(element):
            return "complete", element
        case model.FinishJob(job):
            return "job", job
        case model.Tell(message):
            return "message", message
        case model.Broadcast(signal):
            return "signal", signal
        case model.Ring(timer):
            return "timer", timer
        case model.Activate(element) | model.Retry(element):
            return "retry" if isinstance(step, model.Retry) else "activate", element
        case model.Pass():
            return "wait", ""
    return "expect", ""


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
