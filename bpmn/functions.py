"""The functions of the product beside FEEL's own, by name; the caller of the engine gives them."""

from __future__ import annotations

FUNCTIONS = frozenset({"working_time_from_now", "working_days_from_now"})
"""What diagrams and decision tables alike may call."""
