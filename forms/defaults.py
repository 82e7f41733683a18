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
        clean = _clean(field, value, "en")
    except ValidationError as error:
        node.tell("default", why_en=error.messages[0], why_fa=_why(field, value, "fa"))
        return field
    return replace(field, default=clean)


def _clean(field: Field, value: object, language: str) -> object:
    return build(replace(field, required=False), Setting(language)).deserialize(value)


def _why(field: Field, value: object, language: str) -> str:
    """What is wrong with the value, in that language."""
    try:
        _clean(field, value, language)
    except ValidationError as error:
        return str(error.messages[0])
    return ""


def blank(field: Field) -> object:
    """The answer of a field that nobody answered: false, an empty list or None."""
    if field.type == "checkbox":
        return False
    return [] if field.type in LISTED else None
