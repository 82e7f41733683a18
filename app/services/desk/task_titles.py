"""What a user task is called: by the diagram, or by what the process knows when it comes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import bpmn
from app.services.execution.diagrams import Diagrams

TITLE = "title"
"""The property that names each task: FEEL that gives a text, or one each in ``fa`` and ``en``."""
LONGEST = 200


def names_of(found: Diagrams, task: bpmn.WaitingTask) -> dict[str, str]:
    """The names of one waiting task; those of the diagram where the property gives no text."""
    drawn, said = dict(task.names), found.property_of(task, TITLE)
    if not said or not said.startswith("="):
        return drawn
    try:
        value = bpmn.feel.evaluate(said.removeprefix("="), task.variables)
    except bpmn.feel.FeelError:
        return drawn
    given = value if isinstance(value, Mapping) else dict.fromkeys(drawn, value)
    return {language: _text(given.get(language)) or name for language, name in drawn.items()}


def _text(value: Any) -> str | None:
    text = " ".join(value.split())[:LONGEST] if isinstance(value, str) else ""
    return text or None
