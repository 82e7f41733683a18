"""The built-in functions, one module for each family (DMN 1.5, 10.3.4)."""

from __future__ import annotations

from bpmn.feel.builtins import (
    contexts,
    conversions,
    lists,
    logic,
    moments,
    numbers,
    order,
    spans,
    strings,
)
from bpmn.feel.builtins.signature import BUILTINS

__all__ = [
    "BUILTINS", "contexts", "conversions", "lists", "logic", "moments", "numbers", "order",
    "spans", "strings",
]  # fmt: skip
