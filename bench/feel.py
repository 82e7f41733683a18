"""FEEL and a decision table: one expression, eight over one context, a table of 200 rules."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from statistics import median
from typing import Any

from bench import notes
from bench.figure import Figure
from bpmn import decision, feel

NOW = datetime(2026, 5, 2, 6, 0, tzinfo=UTC)
ROUNDS = 25
RULES = 200
TEXTS = (
    "amount > 10",
    'decision = "approve"',
    'request.customer.tier = "gold" and amount > 10',
    "count(units) > 0 and not(urgent)",
    'if priority = "high" then "PT4H" else "P1D"',
    '"R-" + request.number',
    "amount * 1.09 + 3",
    'request.created_at = null or date("2026-03-21") + duration("P3D") > date("2026-03-22")',
)
"""Of the kind that diagrams hold: conditions, mappings, timers."""
CONTEXT: Mapping[str, Any] = {
    "amount": 12.5,
    "decision": "approve",
    "priority": "high",
    "urgent": False,
    "units": ["sales", "billing", "delivery"],
    "description": "It came late and was broken. " * 50,
    "notes": [{"by": f"person{n}", "text": "Called the customer back."} for n in range(30)],
    "request": {
        "number": "000123",
        "created_at": "2026-05-01T08:00:00+03:30",
        "customer": {"name": "Maryam", "tier": "gold", "phone": "+989120000000"},
    },
}
"""About 4 kB of JSON."""


def measure() -> Iterator[Figure]:
    """``feel_us`` (the slowest of the texts), ``feel_batch_us``, ``decision_200_us``."""
    compiled = [feel.compile(text) for text in TEXTS]
    each = [_micros(lambda one=one: one.evaluate(CONTEXT, now=NOW), 200) for one in compiled]  # type: ignore[misc]
    for text, spent in zip(TEXTS, each, strict=True):
        notes.tell(f"{spent:.2f} µs  {text}")
    yield Figure("feel_us", max(each))
    yield Figure("feel_batch_us", _micros(lambda: _batch(compiled), 50))
    yield Figure("decision_200_us", _micros(_decide(), 5))


def _batch(compiled: list[feel.Expression]) -> list[Any]:
    return [feel.to_json(one.evaluate(CONTEXT, now=NOW)) for one in compiled]


def _decide() -> Callable[[], object]:
    model = decision.parse_decision(table(), "bench.dmn")
    seen = {"kind": "k7", "amount": 193, "urgent": False, "request": CONTEXT["request"]}
    return lambda: decision.decide(model, "d", seen, now=NOW)


def table() -> bytes:
    """A table of 200 rules by four inputs, of which one alone matches."""
    columns = ("kind", "amount", "urgent", "request.customer.tier")
    inputs = "".join(
        f'<input id="i{place}"><inputExpression><text>{text}</text></inputExpression></input>'
        for place, text in enumerate(columns)
    )
    rules = "".join(_rule(number) for number in range(RULES))
    return (
        '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="m" name="m" '
        'namespace="urn:bench"><decision id="d" name="d"><decisionTable hitPolicy="UNIQUE">'
        f'{inputs}<output id="o" name="group" typeRef="string"/>{rules}</decisionTable></decision>'
        "</definitions>"
    ).encode()


def _rule(number: int) -> str:
    kind, step = number % 10, number // 10
    tests = (f'"k{kind}"', f"[{step * 10}..{step * 10 + 10})", "false", '"gold", "silver"')
    cells = "".join(f"<inputEntry><text>{text}</text></inputEntry>" for text in tests)
    result = f'<outputEntry><text>"group {number}"</text></outputEntry>'
    return f"<rule>{cells}{result}</rule>"


def _micros(work: Callable[[], object], times: int) -> float:
    """The median of some rounds, in microseconds for one turn."""
    spent = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        for _ in range(times):
            work()
        spent.append((time.perf_counter() - begun) / times * 1e6)
    return median(spent)
