"""Prints ``docs/test-cases.schema.json``: the format of ``.test.json`` files as JSON Schema."""

from __future__ import annotations

import inspect
import json
from pathlib import Path
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow.openapi import OpenAPIConverter
from marshmallow import Schema, fields

from bpmn.cases.partner_shapes import OneOrMore, ReplyShape, SentShape
from bpmn.cases.shapes import CaseFileShape
from bpmn.cases.step_shapes import STEPS as STEP_SHAPES
from bpmn.cases.step_shapes import Duration, ExpectShape, Given, Step

PAGE = Path(__file__).resolve().parents[1] / "docs" / "test-cases.schema.json"


def page() -> str:
    """The schema, made of the schemas that check the files."""
    converter: Any = OpenAPIConverter("3.1.0", _never_by_name, APISpec("", "", "3.1.0"))
    converter.add_attribute_function(_own_fields)
    steps = [_described(converter, shape) for shape in STEP_SHAPES.values()]
    said = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Test cases of a process",
        **_described(converter, CaseFileShape),
        "$defs": {
            "step": {"oneOf": steps},
            "expect": {**_described(converter, ExpectShape), "minProperties": 1},
            "given": _GIVEN,
            "replies": _one_or_more(converter, ReplyShape, 1),
            "sent": _one_or_more(converter, SentShape, 0),
        },
    }
    return json.dumps(_shared(said), ensure_ascii=False, indent=2) + "\n"


def _never_by_name(schema: Schema) -> None:
    """Every schema stands where it is used, but for those that ``_shared`` finds."""


def _described(converter: Any, shape: type[Schema]) -> dict[str, Any]:
    return {"description": inspect.getdoc(shape), **converter.schema2jsonschema(shape())}


def _one_or_more(converter: Any, shape: type[Schema], least: int) -> dict[str, Any]:
    """For each name one object or a list; where ``least`` is one, a case may take it back."""
    one = _described(converter, shape)
    several = {"type": "array", "minItems": least, "items": one}
    ways = [one, several, {"type": "null", "description": "In a case: not given."}]
    return {"type": "object", "additionalProperties": {"oneOf": ways[: 2 + least]}}


def _own_fields(self: Any, field: fields.Field[Any], **_: Any) -> dict[str, Any]:
    """What marshmallow's own converter cannot know of our fields."""
    if isinstance(field, Duration):
        return {"type": "string", "description": "ISO 8601, such as P3D or PT4H."}
    if isinstance(field, Given):
        return {"$ref": "#/$defs/given"}
    if isinstance(field, OneOrMore):
        return {"$ref": f"#/$defs/{'sent' if field.always_list else 'replies'}"}
    if isinstance(field, Step):
        return {"$ref": "#/$defs/step"}
    if isinstance(field, fields.Nested) and field.nested is ExpectShape:
        return {"$ref": "#/$defs/expect"}
    if isinstance(field, fields.List) and field.name == "refused":
        return {"type": ["array", "string"]}
    return {}


_GIVEN = {
    "description": "For each element one set of values, or a list that is taken in turn.",
    "type": "object",
    "additionalProperties": {
        "oneOf": [
            {"type": "object"},
            {"type": "array", "minItems": 1, "items": {"type": "object"}},
            {"type": "null", "description": "In a case: not given, whatever the file says."},
        ]
    },
}


def _shared(said: Any) -> Any:
    """A reference stands alone, without what the converter wrote beside it."""
    if isinstance(said, list):
        return [_shared(one) for one in said]
    if not isinstance(said, dict):
        return said
    if "$ref" in said:
        return {"$ref": said["$ref"]}
    return {key: _shared(value) for key, value in said.items()}


if __name__ == "__main__":
    print(page(), end="")  # noqa: T201  # The makefile sends it to the file.
