"""Small decision models for tests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from bpmn.decision import Decided, decide, load_decision

_HEAD = (
    '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="m" name="m" '
    'namespace="urn:test">'
)


def model(body: str) -> bytes:
    """A whole file around some elements, which begin on its second line."""
    return f"{_HEAD}\n{body}\n</definitions>".encode()


def literal(name: str, text: str, requires: str = "") -> str:
    """A decision that is one expression; ``requires`` names another decision."""
    needs = (
        f'<informationRequirement><requiredDecision href="#{requires}"/></informationRequirement>'
    )
    return (
        f'<decision id="{name}" name="{name}"><variable name="{name}"/>{needs if requires else ""}'
        f"<literalExpression><text>{escape(text)}</text></literalExpression></decision>"
    )


def table(
    rules: Sequence[tuple[Sequence[str], Sequence[str]]],
    *,
    policy: str = "UNIQUE",
    inputs: Sequence[str] = ("x",),
    outputs: Sequence[str] = ("y",),
    values: str = "",
    extra: str = "",
    types: Sequence[str] = (),
    allowed: Sequence[str] = (),
    result: str = "",
) -> str:
    """A decision ``d`` that is one table.

    ``values`` are those of the first output and ``result`` its type; ``types`` and ``allowed``
    are the types and listed values of the inputs.
    """
    columns = "".join(
        _input(place, text, (*types, *[""] * 20)[place - 1], (*allowed, *[""] * 20)[place - 1])
        for place, text in enumerate(inputs, 1)
    )
    kind = f' typeRef="{result}"' if result else ""
    listed = f"<outputValues><text>{escape(values)}</text></outputValues>" if values else ""
    results = "".join(
        f'<output id="o{place}" name={quoteattr(name)}{kind}>{listed}</output>'
        if place == 1
        else f'<output id="o{place}" name={quoteattr(name)}/>'
        for place, name in enumerate(outputs, 1)
    )
    rows = "\n".join(_rule(number, *rule) for number, rule in enumerate(rules, 1))
    return (
        f'<decision id="d" name="d"><variable name="d"/>'
        f'<decisionTable id="t" hitPolicy="{policy}" {extra}>{columns}{results}\n{rows}'
        f"</decisionTable></decision>"
    )


def _input(place: int, text: str, kind: str, allowed: str) -> str:
    reference = f' typeRef="{kind}"' if kind else ""
    values = f"<inputValues><text>{escape(allowed)}</text></inputValues>" if allowed else ""
    return (
        f'<input id="i{place}"><inputExpression{reference}><text>{escape(text)}</text>'
        f"</inputExpression>{values}</input>"
    )


def _rule(number: int, tests: Sequence[str], results: Sequence[str]) -> str:
    cells = "".join(
        f'<inputEntry id="r{number}i{place}"><text>{escape(text)}</text></inputEntry>'
        for place, text in enumerate(tests, 1)
    )
    cells += "".join(
        f'<outputEntry id="r{number}o{place}"><text>{escape(text)}</text></outputEntry>'
        for place, text in enumerate(results, 1)
    )
    note = f"<annotationEntry><text>note {number}</text></annotationEntry>"
    return f'<rule id="r{number}">{cells}{note}</rule>'


def decided(body: str, wanted: str = "d", **context: Any) -> Decided:
    """What a decision of a model gives, whatever one would say of it at deployment."""
    return decide(load_decision(model(body), "test.dmn"), wanted, context)
