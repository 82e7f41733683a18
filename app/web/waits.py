"""What a run waits for, in words."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

from flask_babel import gettext as _

from app.models import ServiceJob
from app.services.execution import instances
from app.web import task_page
from app.web.entries import named


class Wait(NamedTuple):
    """One thing that is waited for: what it is, at which element, and when it comes if known."""

    icon: str
    what: str
    name: str = ""
    """Of the message or signal, as the diagram calls it."""
    key: str = ""
    """The correlation key of a message."""
    element: str = ""
    at: datetime | None = None


def of_run(found: instances.InstanceView, elements: task_page.ElementNames) -> list[Wait]:
    """Timers first, the next one before the others, then messages, signals and jobs."""
    if found.row.status != "active":
        return []
    return list(_waits(found, elements))


def _waits(found: instances.InstanceView, elements: task_page.ElementNames) -> Iterator[Wait]:
    def name(row: Any) -> str:
        return named(elements.of(row)) or str(row.element)

    for timer in found.timers:
        yield Wait("clock", _("Time"), element=name(timer), at=timer.due_at)
    for one in found.messages:
        yield Wait("mail", _("Message"), one.message, one.correlation or "", name(one))
    for signal in found.signals:
        yield Wait("bolt", _("Signal"), signal.signal, element=name(signal))
    for job in instances.jobs_of(found.row.id):
        yield Wait("sso", _told(job), element=name(job), at=job.next_attempt_at)


def _told(job: ServiceJob) -> str:
    words: str = _("Will be tried again") if job.state == "waiting" else _("Runs by itself")
    return words
