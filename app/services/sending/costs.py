"""What a message cost, as far as a table can hold what its partner says."""

from __future__ import annotations

from decimal import Decimal

from connectors import json_values

_MOST = Decimal(10) ** 10
"""From here on an amount has too many digits for its column."""


def amount(told: object) -> Decimal | None:
    """The amount; None for what is none, or too large. An answer is not lost over it."""
    is_amount = isinstance(told, Decimal) and told.is_finite() and abs(told) < _MOST - 1
    return told if is_amount else None  # type: ignore[return-value]  # It is one.


def currency(told: object) -> str | None:
    """Its currency, at most eight characters of what was told."""
    return json_values.storable(str(told or ""))[:8] or None
