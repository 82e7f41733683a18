"""Which fields their conditions hide."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from forms.defaults import blank
from forms.model import Component, Evaluate, Field, Form, Group


def find_hidden(
    form: Form,
    data: Mapping[str, Any],
    evaluate: Evaluate | None,
    fields: Sequence[Field] | None = None,
) -> frozenset[str]:
    """The keys of the fields hidden under that data; none without a way to evaluate.

    In the file's order, so that a hidden answer counts as unanswered in later conditions.
    ``fields`` are those to judge, when not all need be.
    """
    return frozenset() if evaluate is None else settle(form, data, evaluate, fields)[0]


def settle(
    form: Form,
    data: Mapping[str, Any],
    evaluate: Evaluate,
    fields: Sequence[Field] | None = None,
) -> tuple[frozenset[str], dict[str, Any]]:
    """The keys of the hidden fields, and the data with nothing answered in them."""
    context = {field.key: data.get(field.key) for field in form.fields} | dict(data)
    hidden = set()
    # Many fields share one condition, which says the same until an answer is taken away.
    judged: dict[str, bool] = {}
    for field in form.fields if fields is None else fields:
        if any(_holds(text, context, evaluate, judged) for text in field.hide):
            hidden.add(field.key)
            empty = blank(field)
            if context[field.key] is not empty:
                context[field.key] = empty
                judged.clear()
    return frozenset(hidden), context


def _holds(
    text: str, context: Mapping[str, Any], evaluate: Evaluate, judged: dict[str, bool]
) -> bool:
    if text not in judged:
        judged[text] = evaluate(text, context) is True
    return judged[text]


def is_hidden(component: Component, context: Mapping[str, Any], evaluate: Evaluate | None) -> bool:
    """Whether a condition of the component or of a group around it holds (is exactly true)."""
    if evaluate is None:
        return False
    return any(evaluate(text, context) is True for text in component.hide)


def expressions(form: Form) -> tuple[tuple[str, str], ...]:
    """Every condition of the form as (component id, FEEL without ``=``)."""
    return tuple(dict.fromkeys(_expressions(form.components)))


def _expressions(components: tuple[Component, ...]) -> list[tuple[str, str]]:
    told: list[tuple[str, str]] = []
    for component in components:
        told.extend((component.id, text) for text in component.hide)
        if isinstance(component, Group):
            told.extend(_expressions(component.components))
    return told
