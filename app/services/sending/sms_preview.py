"""What a text makes as text messages: how many parts, and what they cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from connectors import sms_parts

LONGEST = 2000
"""Characters of a text that are counted."""


@dataclass(frozen=True)
class Counted:
    """A text and what it makes."""

    text: str
    count: int
    left: int
    """How many more characters fit into the last part."""
    cost: Decimal | None
    """By the channel's price; None where it has none."""
    currency: str
    is_too_long: bool


def count(text: str, options: Mapping[str, Any]) -> Counted:
    """Count a text at the price of a channel's options."""
    parts = sms_parts.split(text.replace("\r\n", "\n")[:LONGEST])
    price = options.get("price")
    cost = parts.cost(Decimal(price)) if price else None
    return Counted(
        text[:LONGEST], parts.count, parts.left, cost,
        str(options.get("currency") or ""), parts.count > sms_parts.MOST_PARTS,
    )  # fmt: skip
