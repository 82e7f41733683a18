"""What operators did to a running process, in words."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _

from app.models import Event
from app.web.entries import Entry, automatic, digits_of, entry


def reason_of(told: Mapping[str, Any]) -> str:
    """Why it was done, as it was written."""
    return str(told.get("reason") or "")


def correction_of(told: Mapping[str, Any]) -> str:
    """Why it was done, and below it each value that was written with what stood there before."""
    values = told.get("values")
    changes = map(_change, values.items()) if isinstance(values, Mapping) else ()
    return "\n".join(filter(None, [reason_of(told), *changes]))


def _change(item: tuple[str, Mapping[str, str]]) -> str:
    name, value = item
    facts = {"name": _isolated(name), "new": _isolated(value.get("to", ""))}
    if "from" not in value:
        return str(_("%(name)s: %(new)s", **facts))
    facts["old"] = _isolated(value["from"])
    return str(_("%(name)s: %(new)s (before: %(old)s)", **facts))


def _isolated(text: str) -> str:
    """A text of others, whose direction is its own."""
    return f"\u2068{text}\u2069"


class OperationTeller(ABC):
    """Tells what is done by hand to a process; whoever extends it knows the elements' names."""

    @abstractmethod
    def _name_of(self, element: str | None, told: Mapping[str, Any]) -> str:
        """What people call the element of the process that this is told of."""

    def _instance_suspended(self, event: Event) -> Entry:
        return entry(event, "pause", _("suspended the process"), body=reason_of(event.data))

    def _instance_resumed(self, event: Event) -> Entry:
        return entry(event, "play", _("let the process go on"), body=reason_of(event.data))

    def _instance_rebuilt(self, event: Event) -> Entry:
        return entry(event, "check", _("brought the lists into line with the process"))

    def _message_not_awaited(self, event: Event) -> Entry:
        message = str(event.data.get("message", ""))
        words = _("A message that came meanwhile was no longer awaited: %(name)s", name=message)
        return automatic(event, "warn", words)

    def _skipped(self, event: Event, cause: Mapping[str, Any]) -> Entry:
        words = _("took “%(step)s” as done", step=self._name_of(cause.get("element"), cause))
        return entry(event, "check", words, body=correction_of(cause))

    def _changed(self, event: Event, cause: Mapping[str, Any]) -> Entry:
        words = _("changed variables: %(names)s", names=", ".join(cause.get("changed", ())))
        return entry(event, "doc", words, body=correction_of(cause))

    def _moved(self, event: Event, cause: Mapping[str, Any]) -> Entry:
        ends = {
            "step": self._name_of(cause.get("element"), cause),
            "to": self._name_of(cause.get("to"), cause),
        }
        words = _("moved the process from “%(step)s” to “%(to)s”", **ends)
        return entry(event, "flow", words, body=reason_of(cause))

    def _cancelled(self, event: Event, cause: Mapping[str, Any]) -> Entry:
        return entry(event, "x", _("cancelled the process"), body=reason_of(cause))

    def _migrated(self, event: Event, cause: Mapping[str, Any]) -> Entry:
        versions = {"old": digits_of(cause.get("from")), "new": digits_of(cause.get("to"))}
        words = _("moved the process from version %(old)s to version %(new)s", **versions)
        return entry(event, "up", words)
