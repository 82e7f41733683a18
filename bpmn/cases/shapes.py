"""What a ``.test.json`` may hold, as marshmallow schemas; loading gives the values of ``model``.

Every field that is not named here is an error, so that a misspelt one is never passed over.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from marshmallow import RAISE, Schema, ValidationError, fields, post_load, pre_load, validate

from bpmn.cases import model
from bpmn.timing import NotATime, read_duration

NAME = validate.Length(1, 200)
FILE = validate.Regexp(r"^\w[\w. -]*(/\w[\w. -]*)*$", error="Name a file beside this one.")
MOST = validate.Length(max=2_000)


class Duration(fields.Field[Any]):
    """An ISO 8601 duration such as P3D."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> Any:
        if not isinstance(value, str):
            raise ValidationError("Not a text.")
        try:
            return read_duration(value)
        except NotATime as error:
            raise ValidationError(f"Not a duration: {error}") from error


class Given(fields.Field[Any]):
    """For each key one set of values, or a list of them that is taken in turn."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> Any:
        if not isinstance(value, Mapping):
            raise ValidationError("Not an object.")
        wrong = {key: ["Not an object, nor a list of objects."]
                 for key, said in value.items() if not _is_given(said)}  # fmt: skip
        if wrong:
            raise ValidationError(wrong)
        return {k: tuple(v) if isinstance(v, list) else v for k, v in value.items()}


def _is_given(said: Any) -> bool:
    if isinstance(said, list):
        return bool(said) and all(isinstance(one, Mapping) for one in said)
    return isinstance(said, Mapping)


def _name(**more: Any) -> Any:
    return fields.String(validate=NAME, **more)


def _data() -> Any:
    return fields.Dict(keys=fields.String())


def _names() -> Any:
    return fields.List(_name())


class Shape(Schema):
    """A schema whose fields become a value of ``makes``."""

    makes: ClassVar[Any]

    class Meta:
        """Nothing that is not named here."""

        unknown = RAISE

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Any:
        """The value."""
        return self.makes(**{k: tuple(v) if isinstance(v, list) else v for k, v in data.items()})


class ExpectShape(Shape):
    """What must be true; at least one thing."""

    makes = model.Expect
    status = fields.String(validate=validate.OneOf(["active", "completed", "terminated"]))
    ends = _names()
    tokens = _names()
    faults = _names()
    variables = _data()
    path = _names()
    avoids = _names()
    trace = _names()

    @pre_load
    def check_not_empty(self, data: Any, **_: Any) -> Any:
        """A case that expects nothing proves nothing."""
        if data == {}:
            raise ValidationError("Expect at least one thing.")
        return data


class CompleteShape(Shape):
    """``{"complete": "task", "data": {}, "by": "sara"}``."""

    makes = model.Complete
    element = _name(required=True, data_key="complete")
    data = _data()
    by = _name()


class JobShape(Shape):
    """``{"job": "element or type", "result": {}}``, with ``"error": "CODE"``, or ``"fail"``."""

    makes = model.FinishJob
    job = _name(required=True)
    result = _data()
    error = _name()
    fail = fields.String(validate=validate.Length(1, 4_000))

    @pre_load
    def check_one_way(self, data: Any, **_: Any) -> Any:
        """A job either ends with an error, fails or gives a result; an error may bring one."""
        if isinstance(data, Mapping) and "fail" in data and {"error", "result"} & set(data):
            raise ValidationError("A job that fails has neither a result nor an error.")
        return data


class MessageShape(Shape):
    """``{"message": "name", "data": {}}``."""

    makes = model.Tell
    message = _name(required=True)
    data = _data()
    correlation = _name()


class SignalShape(Shape):
    """``{"signal": "name", "data": {}}``."""

    makes = model.Broadcast
    signal = _name(required=True)
    data = _data()


class TimerShape(Shape):
    """``{"timer": "element"}``."""

    makes = model.Ring
    timer = _name(required=True)


class WaitShape(Shape):
    """``{"wait": "P3D"}``."""

    makes = model.Pass
    span = Duration(required=True, data_key="wait")


class ActivateShape(Shape):
    """``{"activate": "element"}``."""

    makes = model.Activate
    element = _name(required=True, data_key="activate")


class RetryShape(Shape):
    """``{"retry": "element", "data": {}}``."""

    makes = model.Retry
    element = _name(required=True, data_key="retry")
    data = _data()


class CheckShape(Shape):
    """``{"expect": {...}}``: what must be true at this moment."""

    makes = dict
    expect = fields.Nested(ExpectShape, required=True)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Any:
        """The expectation itself."""
        return data["expect"]


STEPS: Mapping[str, type[Shape]] = {
    "complete": CompleteShape, "job": JobShape, "message": MessageShape, "signal": SignalShape,
    "timer": TimerShape, "wait": WaitShape, "retry": RetryShape, "activate": ActivateShape,
    "expect": CheckShape,
}  # fmt: skip
"""Each kind of step by the key that tells it."""


class Step(fields.Field[Any]):
    """One step: an object with exactly one of the keys of ``STEPS``."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> Any:
        kinds = [name for name in STEPS if isinstance(value, Mapping) and name in value]
        if len(kinds) != 1:
            raise ValidationError(f"A step has exactly one of: {', '.join(STEPS)}.")
        return STEPS[kinds[0]]().load(value)


class StartShape(Shape):
    """How the instance begins: plainly, by a message, by a signal or at a start event."""

    makes = model.Start
    data = _data()
    message = _name()
    signal = _name()
    at = _name()


class CaseShape(Shape):
    """One case."""

    makes = model.Case
    name = fields.String(required=True, validate=validate.Length(1, 300))
    now = fields.AwareDateTime(format="iso")
    by = _name()
    start = fields.Nested(StartShape)
    answers = Given()
    jobs = Given()
    steps = fields.List(Step(), validate=MOST)
    expect = fields.Nested(ExpectShape, required=True)


class SupportsShape(Shape):
    """Which element of BPMN the file shows; in the files that the table is made of only."""

    makes = model.Supports
    element = fields.String(required=True, validate=NAME)
    clause = fields.String(required=True, validate=NAME)
    group = fields.String(required=True, validate=NAME)
    note = fields.String(validate=validate.Length(max=1_000))


SHARED = ("now", "by", "start", "answers", "jobs")
"""What a file may say once for all its cases; a case adds to it or says otherwise."""


class CaseFileShape(Shape):
    """A whole file."""

    makes = model.CaseFile
    supports = fields.Nested(SupportsShape)
    refused = fields.List(fields.String(validate=validate.Regexp(r"^[a-z][a-z.-]{2,79}$")))
    decisions = fields.List(fields.String(validate=FILE))
    processes = fields.List(fields.String(validate=FILE))
    calendar = _name()
    cases = fields.List(fields.Nested(CaseShape), validate=MOST)
    now = fields.AwareDateTime(format="iso")
    by = _name()
    start = fields.Nested(StartShape)
    answers = Given()
    jobs = Given()

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
