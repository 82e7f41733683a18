"""How far a complaint has come: the beginnings that the stories about it share."""

from __future__ import annotations

from typing import Any

from tests.shipped.walk import Walk, load

PLAIN: dict[str, Any] = {
    "kind": "complaint",
    "severity": "medium",
    "impact": "low",
    "complexity": "low",
    "people_concerned": 1,
}
GRAVE: dict[str, Any] = {"severity": "high", "impact": "high"}
HARD: dict[str, Any] = {"complexity": "high"}
WIDE: dict[str, Any] = {**HARD, "people_concerned": 10}
FACTS: dict[str, Any] = {"findings": "کمپرسور خراب است.", "founded": "yes"}
REMEDY: dict[str, Any] = {"remedy": "replacement", "explanation": "یخچال شما تعویض می‌شود."}
DONE: dict[str, Any] = {"done_on": "2026-05-12", "done": "یخچال نو تحویل شد."}


def submitted(tier: str = "silver") -> Walk:
    """The customer has sent the form."""
    walk = load(tier)
    walk.start(about="product", product="Ara 28", happened_on="2026-04-30")
    return walk


def assessed(tier: str = "silver", **more: Any) -> Walk:
    """The complaint is assessed as plain as can be, but for what is said."""
    walk = submitted(tier)
    walk.answer("assess", "narges", **{**PLAIN, **more})
    return walk


def investigated(**more: Any) -> Walk:
    """The facts are checked."""
    walk = assessed(**more)
    walk.answer("check_facts", "sara", **FACTS)
    return walk


def proposed(**more: Any) -> Walk:
    """Safety aside, a grave complaint whose remedy the manager must approve."""
    walk = investigated(people_concerned=12)
    walk.answer("propose_remedy", "reza", **{**REMEDY, **more})
    return walk


def decided() -> Walk:
    """A small remedy is proposed, and the customer is told."""
    walk = investigated()
    walk.answer("propose_remedy", "reza", **REMEDY)
    return walk


def closed() -> Walk:
    """The customer accepted and got what was promised."""
    walk = decided()
    walk.deliver("customer_answer", answer="accept", reason="")
    walk.answer("carry_out_remedy", "sara", **DONE)
    return walk
