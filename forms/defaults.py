"""The answer that a field holds before anybody answered."""

from __future__ import annotations

from dataclasses import replace

from marshmallow import ValidationError

from forms.fields import build
from forms.model import LISTED, Field
from forms.setting import Setting
from forms.source import Node


def read_default(node: Node, field: Field) -> Field:
    """The field with the file's ``defaultValue``, which must itself pass the field's rules."""
    value = node.values.get("defaultValue")
    if value is None or value == "" or value == []:
        return field
    try:
        clean = build(replace(field, required=False), Setting("en")).deserialize(value)
    except ValidationError as error:
        node.refuse("default", f"defaultValue: {error.messages[0]}")
        return field
    return replace(field, default=clean)


def blank(field: Field) -> object:
    """The answer of a field that nobody answered: false, an empty list or None."""
    if field.type == "checkbox":
        return False
    return [] if field.type in LISTED else None
