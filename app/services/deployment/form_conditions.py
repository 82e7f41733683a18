"""The conditions of forms are FEEL: judged by the rules of the diagrams, evaluated safely."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import bpmn
import forms


def evaluate(text: str, context: Mapping[str, Any]) -> Any:
    """The value of a condition; None, which hides nothing, where it cannot be told."""
    try:
        return bpmn.feel.evaluate(text, context)
    except bpmn.feel.FeelError:
        return None


def judge(text: str) -> Iterator[forms.Objection]:
    """What is wrong with a condition, as ``forms.load`` asks it."""
    try:
        compiled = bpmn.feel.compile(text)
    except bpmn.feel.FeelSyntaxError as error:
        told = error.messages
        yield "condition-unreadable", {"text": text, "why_en": told["en"], "why_fa": told["fa"]}
        return
    for name in sorted(compiled.unknown_functions()):
        yield "condition-function", {"text": text, "name": name}


def broken() -> frozenset[str]:
    """The keys of the forms in use of which a condition cannot be judged."""
    return frozenset(
        key
        for key, form in forms.shipped().items()
        if any(True for _, text in forms.expressions(form) for _ in judge(text))
    )
