"""What the catalogue says of a service: who may ask, what it costs, who does what for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

Names = Mapping[str, str]
"""One text in each language."""


@dataclass(frozen=True)
class Price:
    """What a service costs: whole units of a currency."""

    amount: int
    currency: str
    """The code of ISO 4217: ``IRR``, ``EUR``."""
    unit: Names | None
    """What it is the price of ("each month"); None for the whole of it."""


@dataclass(frozen=True)
class PlannedTask:
    """One piece of work of a fulfilment plan; all of them are done side by side."""

    key: str
    group: str
    """The key of the group that does it."""
    names: Names
    undo: Names
    """What is to be done when the request is cancelled after this was finished."""
    promise: timedelta
    """The working time it may take."""


@dataclass(frozen=True)
class Audience:
    """Who may ask: it is enough to be one of these."""

    everyone: bool = True
    staff: bool = False
    contract: bool = False
    """Whoever holds a contract in force for this service."""
    tiers: frozenset[str] = frozenset()
    """Customers of these tiers."""


@dataclass(frozen=True)
class Category:
    """A heading of the catalogue."""

    key: str
    order: int
    names: Names


@dataclass(frozen=True)
class Service:
    """One catalogue item (ITIL 4 service catalogue)."""

    key: str
    kind: str
    names: Names
    descriptions: Names
    promise: Names
    """What we promise, in the customer's words."""
    icon: str
    process: str
    form: str
    policy: str
    keywords: Names
    """Further words that the search finds it by."""
    category: str = "other"
    audience: Audience = Audience()
    price: Price | None = None
    approval: str = "none"
    """How it is approved, as the decision table of its process knows it."""
    plan: tuple[PlannedTask, ...] = ()
    expected: timedelta | None = None
    """The working time that it usually takes."""
