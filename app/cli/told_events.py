"""An entry of the history as one line on a terminal."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from app.models import Event

_LONGEST = 300


def told_event(event: Event) -> str:
    """When, what, where, by whom, and the facts that belong to it."""
    cause = event.data.get("cause") if event.kind == "step" else None
    facts = dict(cause if isinstance(cause, Mapping) else event.data)
    kind = facts.pop("kind", event.kind) if cause else event.kind
    element = facts.pop("element", None) or event.element
    who = event.actor_names.get("en") or event.actor_kind
    where = f" at {element}" if element else ""
    return f"{event.at.isoformat(timespec='seconds')} {kind}{where} by {who}{_facts(facts)}"


def _facts(facts: Mapping[str, Any]) -> str:
    parts = [f"{name}={_said(value)}" for name, value in facts.items() if value not in ("", [])]
    text = ", ".join(parts)
    return f": {text[:_LONGEST]}{'…' if len(text) > _LONGEST else ''}" if text else ""


def _said(value: Any) -> str:
    """A text as it is, on one line; anything else as JSON."""
    if isinstance(value, str):
        return " ".join(value.split())
    return json.dumps(value, ensure_ascii=False, default=str)
