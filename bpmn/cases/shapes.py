"""What a ``.test.json`` may hold, as marshmallow schemas; loading gives the values of ``model``.

Every field that is not named here is an error, so that a misspelt one is never passed over.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import fields, post_load, pre_load, validate

from bpmn.cases import model
from bpmn.cases.partner_shapes import OneOrMore, ReplyShape
from bpmn.cases.step_shapes import (
    FILE,
    MOST,
    NAME,
    ExpectShape,
    Given,
    Shape,
    Step,
    all_named,
    named,
    values,
)


class StartShape(Shape):
    """How the instance begins: plainly, by a message, by a signal or at a start event."""

    makes = model.Start
    data = values()
    message = named()
    signal = named()
    at = named()


class CaseShape(Shape):
    """One case."""

    makes = model.Case
    name = fields.String(required=True, validate=validate.Length(1, 300))
    now = fields.AwareDateTime(format="iso")
    by = named()
    start = fields.Nested(StartShape)
    answers = Given()
    jobs = Given()
    replies = OneOrMore(ReplyShape)
    steps = fields.List(Step(), validate=MOST)
    expect = fields.Nested(ExpectShape, required=True)


class SupportsShape(Shape):
    """Which element of BPMN the file shows; in the files that the table is made of only."""

    makes = model.Supports
    element = fields.String(required=True, validate=NAME)
    clause = fields.String(required=True, validate=NAME)
    group = fields.String(required=True, validate=NAME)
    note = fields.String(validate=validate.Length(max=1_000))


SHARED = ("now", "by", "start", "answers", "jobs", "replies")
"""What a file may say once for all its cases; a case adds to it or says otherwise."""


class CaseFileShape(Shape):
    """A whole file."""

    makes = model.CaseFile
    supports = fields.Nested(SupportsShape)
    refused = fields.List(fields.String(validate=validate.Regexp(r"^[a-z][a-z.-]{2,79}$")))
    decisions = fields.List(fields.String(validate=FILE))
    processes = fields.List(fields.String(validate=FILE))
    calendar = named()
    partners = all_named()
    cases = fields.List(fields.Nested(CaseShape), validate=MOST)
    now = fields.AwareDateTime(format="iso")
    by = named()
    start = fields.Nested(StartShape)
    answers = Given()
    jobs = Given()
    replies = OneOrMore(ReplyShape)

    @pre_load
    def share(self, data: Any, **_: Any) -> Any:
        """Give every case what the file says for all of them, and ``refused`` as a list."""
        if not isinstance(data, Mapping):
            return data
        said = dict(data)
        if isinstance(said.get("refused"), str):
            said["refused"] = [said["refused"]]
        if isinstance(said.get("cases"), list):
            said["cases"] = [_with_shared(case, said) for case in said["cases"]]
        return said

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Any:
        """The file without what its cases have taken over."""
        kept = {name: value for name, value in data.items() if name not in SHARED}
        return super().make({"filename": self.context_name, **kept})

    context_name = ""


def _with_shared(case: Any, said: Mapping[str, Any]) -> Any:
    """A case over what the file says for all: single values replaced, objects filled up.

    What a case gives as null is not given in it at all.
    """
    if not isinstance(case, Mapping):
        return case
    merged = dict(case)
    for name in SHARED:
        if name in said and name not in merged:
            merged[name] = said[name]
        elif name in said and isinstance(said[name], Mapping) and isinstance(merged[name], Mapping):
            filled = _filled(merged[name], said[name])
            merged[name] = {key: value for key, value in filled.items() if value is not None}
    return merged


def _filled(own: Mapping[str, Any], shared: Mapping[str, Any]) -> dict[str, Any]:
    filled = {**shared, **own}
    if isinstance(own.get("data"), Mapping) and isinstance(shared.get("data"), Mapping):
        filled["data"] = {**shared["data"], **own["data"]}
    return filled
