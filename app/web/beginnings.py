"""What begins a process, in words: people, messages, moments, signals, conditions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from flask_babel import gettext as _

from app.models import ProcessDefinition, StartSubscription
from app.services.casework import catalogue
from app.services.deployment import definitions, start_events
from app.web.entries import named


class Beginning(NamedTuple):
    """One way in which a process begins."""

    icon: str
    what: str
    name: str = ""
    """Of the service, message or signal, or the condition."""
    at: datetime | None = None
    """The next moment of a timer."""


def of(row: ProcessDefinition) -> list[Beginning]:
    """All ways of the newest version; an older one begins nothing any more."""
    if row.kind != "bpmn":
        return []
    drawn = {one.element: one for one in definitions.load(row.id).starts}
    form = _("The form of the service")
    found = [Beginning("doc", form, named(one.names)) for one in services_of(row)]
    if any(one.kind == "none" for one in drawn.values()):
        found.append(Beginning("hand", _("By hand, by a program or by a process that calls it")))
    for armed in start_events.of_definition(row.id):
        point = drawn.get(armed.element)
        found.append(told(armed, (point and point.expression) or ""))
    return found


def told(armed: StartSubscription, condition: str = "") -> Beginning:
    """One start event that waits."""
    words = {
        start_events.MESSAGE: ("mail", _("The message")),
        start_events.SIGNAL: ("bolt", _("The signal")),
        start_events.TIMER: ("clock", _("By itself, next")),
        start_events.CONDITIONAL: ("filter", _("When it becomes true")),
    }
    icon, what = words[armed.kind]
    name = condition if armed.kind == start_events.CONDITIONAL else armed.name or ""
    return Beginning(icon, what, name, armed.due_at)


def services_of(row: ProcessDefinition) -> Sequence[catalogue.Service]:
    """The services of the catalogue whose requests begin it."""
    return [one for one in catalogue.services().values() if one.process == row.key]


def may_be_started(row: ProcessDefinition) -> bool:
    """Whether a person may start it by hand: it has a plain start and no form asks for more."""
    if row.kind != "bpmn" or services_of(row):
        return False
    return any(one.kind == "none" for one in definitions.load(row.id).starts)
