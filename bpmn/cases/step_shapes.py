"""The steps of a test case as marshmallow schemas; loading gives the values of ``model``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from marshmallow import RAISE, Schema, ValidationError, fields, post_load, pre_load, validate

from bpmn.cases import model
from bpmn.cases.partner_shapes import OneOrMore, SentShape
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


def named(**more: Any) -> Any:
    """A field for the name of something, from 1 to 200 characters."""
    return fields.String(validate=NAME, **more)


def values() -> Any:
    """A field for variables and their values."""
    return fields.Dict(keys=fields.String())


def all_named() -> Any:
    """A field for a list of names."""
    return fields.List(named())


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
    ends = all_named()
    tokens = all_named()
    faults = all_named()
    variables = values()
    path = all_named()
    avoids = all_named()
    trace = all_named()
    sent = OneOrMore(SentShape, always_list=True)

    @pre_load
    def check_not_empty(self, data: Any, **_: Any) -> Any:
        """A case that expects nothing proves nothing."""
        if data == {}:
            raise ValidationError("Expect at least one thing.")
        return data


class CompleteShape(Shape):
    """``{"complete": "task", "data": {}, "by": "sara"}``."""

    makes = model.Complete
    element = named(required=True, data_key="complete")
    data = values()
    by = named()


class JobShape(Shape):
    """``{"job": "element or type", "result": {}}``, with ``"error": "CODE"``, or ``"fail"``."""

    makes = model.FinishJob
    job = named(required=True)
    result = values()
    error = named()
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
    message = named(required=True)
    data = values()
    correlation = named()


class PostShape(Shape):
    """``{"webhook": {"type": "paid", "key": "7", "data": {}}}``: a partner posts this."""

    makes = model.Post
    body = fields.Dict(keys=fields.String(), required=True, data_key="webhook")
    signed = fields.Boolean(truthy={True}, falsy={False})
    refused = fields.Boolean(truthy={True}, falsy={False})
    key_field = named()


class SignalShape(Shape):
    """``{"signal": "name", "data": {}}``."""

    makes = model.Broadcast
    signal = named(required=True)
    data = values()


class TimerShape(Shape):
    """``{"timer": "element"}``."""

    makes = model.Ring
    timer = named(required=True)


class WaitShape(Shape):
    """``{"wait": "P3D"}``."""

    makes = model.Pass
    span = Duration(required=True, data_key="wait")


class ActivateShape(Shape):
    """``{"activate": "element"}``."""

    makes = model.Activate
    element = named(required=True, data_key="activate")


class RetryShape(Shape):
    """``{"retry": "element", "data": {}}``."""

    makes = model.Retry
    element = named(required=True, data_key="retry")
    data = values()


class SkipShape(Shape):
    """``{"skip": "element", "data": {}}``: a faulted element is taken as done.

    A gateway that does not know where to go is told so by ``"flow": "id"``.
    """

    makes = model.Skip
    element = named(required=True, data_key="skip")
    data = values()
    flow = named()


class SetShape(Shape):
    """``{"set": {"x": 1}}``: of the process, or with ``"scope": "element"`` of one in it."""

    makes = model.Change
    variables = fields.Dict(
        keys=fields.String(), required=True, data_key="set", validate=validate.Length(1)
    )
    scope = named()


class MoveShape(Shape):
    """``{"move": "from", "to": "element"}``."""

    makes = model.Move
    element = named(required=True, data_key="move")
    to = named(required=True)


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
    "skip": SkipShape, "set": SetShape, "move": MoveShape, "webhook": PostShape,
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
