"""Short ways to ask FEEL in tests."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from bpmn import feel

NOW = datetime(2026, 3, 21, 10, 30, tzinfo=UTC)


def says(text: str, **context: Any) -> Any:
    """The value of an expression as JSON holds it."""
    return feel.to_json(feel.evaluate(text, context, now=NOW))


def codes(text: str, **context: Any) -> list[str]:
    """The codes of the warnings of an expression."""
    return [warning.code for warning in feel.examine(text, context, now=NOW).warnings]
