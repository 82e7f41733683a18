"""How long an expression takes: printed (``pytest -s``), not asserted, machines differ."""

from __future__ import annotations

import timeit

from bpmn import feel

CONTEXT = {"amount": 12, "request": {"priority": "high", "customer": {"tier": "gold"}}}
TEXTS = (
    "amount > 10",
    'request.customer.tier = "gold" and amount > 10',
    "amount * 1.09 + 3",
    'date("2026-01-01") + duration("P3D")',
)


def test_speed() -> None:
    for text in TEXTS:
        expression = feel.compile(text)
        seconds = min(
            timeit.repeat(lambda e=expression: e.evaluate(CONTEXT), number=500, repeat=3)  # type: ignore[misc]
        )
        print(f"{seconds / 500 * 1e6:8.2f} µs  {text}")  # noqa: T201 - the test is there to tell.
