"""Element templates for the operations of a WSDL: one for each, with its fields as inputs.

They bind to a dotted target, so that the fields together are the input ``values``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Any

from connectors.contract import Input, Texts
from connectors.element_templates import SCHEMA, VERSION, bound_input, bound_result, groups, literal
from connectors.soap_operations import Field, Operation

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
MOST = 40
"""Fields that have an input of their own; a larger operation takes one context."""
_WORDS: Mapping[str, Texts] = {
    "values": {"en": "Values (a context of all fields)", "fa": "مقدارها (نام‌ومقدار همهٔ فیلدها)"},
    "reference": {
        "en": "Left empty, our reference stands there.",
        "fa": "اگر خالی بماند، شمارهٔ ما در آن می‌آید.",
    },
    "context": {"en": "A context: {names}.", "fa": "نام‌ومقدار: {names}."},
    "list": {"en": "A list.", "fa": "فهرست."},
    "binary": {"en": "In Base64.", "fa": "به‌شکل Base64."},
}


def operation_templates(
    key: str, names: Texts, operations: Sequence[Operation], reference: str, language: str
) -> list[dict[str, Any]]:
    """One template for each operation of a channel: ``key`` and ``names`` are the channel's,
    ``reference`` is the field that takes our reference."""
    title = names.get(language) or key
    return [_template(key, title, one, reference, language) for one in operations]


def _template(
    key: str, title: str, one: Operation, reference: str, language: str
) -> dict[str, Any]:
    return {
        "$schema": SCHEMA,
        "name": f"{title}: {one.name}",
        "id": f"peygir.soap.{key}.{_safe(one.name)}",
        "version": VERSION,
        "description": f"SOAP {one.version}, {one.name}",
        "appliesTo": ["bpmn:Task", "bpmn:ServiceTask", "bpmn:SendTask"],
        "elementType": {"value": "bpmn:ServiceTask"},
        "groups": groups(language),
        "properties": [*_fixed(key, one), *_inputs(one, reference, language),
                       *_results(one, language)],
    }  # fmt: skip


def _safe(name: str) -> str:
    """A name as the id of a template; one of other letters is named by its digest."""
    return name if _NAME.fullmatch(name) else sha256(name.encode()).hexdigest()[:16]


def _fixed(key: str, one: Operation) -> Iterator[dict[str, Any]]:
    for value, binding in (
        ("soap", {"type": "zeebe:taskDefinition", "property": "type"}),
        (key, {"type": "zeebe:taskHeader", "key": "channel"}),
        (literal(one.name), {"type": "zeebe:input", "name": "operation"}),
    ):
        yield {"type": "Hidden", "value": value, "binding": binding}


def _inputs(one: Operation, reference: str, language: str) -> Iterator[dict[str, Any]]:
    apart = len(one.inputs) <= MOST and all(_NAME.fullmatch(f.name) for f in one.inputs)
    if not apart:
        yield bound_input(Input("values", _WORDS["values"], kind="feel"), language)
        return
    for field in one.inputs:
        if field.kind != "any":
            yield bound_input(_input(field, field.name == reference), language)


def _input(field: Field, is_reference: bool) -> Input:
    """A field as an input: of choices a list to choose from, of what holds more FEEL alone."""
    label = {"en": field.name, "fa": field.name}
    hint = _hint(field, is_reference)
    required = field.required and not field.nillable and not is_reference
    name = f"values.{field.name}"
    if field.choices and not field.many:
        choices = {choice: {"en": choice, "fa": choice} for choice in field.choices}
        return Input(name, label, hint, required, "choice", None, choices)
    return Input(name, label, hint, required, "feel" if _holds_more(field) else "text")


def _holds_more(field: Field) -> bool:
    return field.many or field.kind == "object"


def _hint(field: Field, is_reference: bool) -> Texts:
    if is_reference:
        return _WORDS["reference"]
    parts = [_WORDS["list"]] if field.many else []
    parts += [_WORDS["binary"]] if field.kind == "binary" else []
    if field.kind == "object":
        names = ", ".join(one.name for one in field.fields[:12])
        parts += [{code: text.format(names=names) for code, text in _WORDS["context"].items()}]
    return {code: " ".join(one[code] for one in parts) for code in ("en", "fa")} if parts else {}


def _results(one: Operation, language: str) -> Iterator[dict[str, Any]]:
    for field in one.outputs[:MOST]:
        if _NAME.fullmatch(field.name):
            label = {"en": field.name, "fa": field.name}
            yield bound_result(f"answer.{field.name}", label, language)
