"""What a case says of fake partners, as marshmallow schemas: their answers, and what they hear."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import (
    RAISE,
    Schema,
    ValidationError,
    fields,
    post_load,
    validate,
    validates_schema,
)

from bpmn.cases import model

ANSWERED = ("http", "webhook")
"""The types of tasks to whose calls a case may say the answers."""
FAILS = ("timeout", "break", "unreachable")
_BODIES = ("json", "xml", "text")
_HEADERS = validate.Regexp(r"^[ -~]*(?!\n)$", error="Only plain Latin letters, digits and signs.")
_NAMES = validate.Regexp(r"^[!#$%&'*+.^_`|~0-9A-Za-z-]+(?!\n)$", error="Not the name of a header.")


class Part(Schema):
    """Nothing that is not named in it."""

    class Meta:
        """What is unknown is an error."""

        unknown = RAISE


class ReplyShape(Part):
    """``{"status": 200, "json": {}}``, or ``{"fails": "timeout"}``."""

    status = fields.Integer(strict=True, validate=validate.Range(200, 599))
    json = fields.Raw(allow_none=True)
    xml = fields.String()
    text = fields.String()
    headers = fields.Dict(
        keys=fields.String(validate=_NAMES), values=fields.String(validate=_HEADERS)
    )
    after = fields.Integer(strict=True, validate=validate.Range(0, 86_400))
    fails = fields.String(validate=validate.OneOf(FAILS))

    @validates_schema(skip_on_field_errors=False)
    def check_one_way(self, data: Mapping[str, Any], **_: Any) -> None:
        """One body at most, and none where there is no answer."""
        if len([one for one in _BODIES if one in data]) > 1:
            raise ValidationError("One of json, xml and text.")
        if "fails" in data and len(data) > 1:
            raise ValidationError("A call that fails has no answer.")

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> model.Reply:
        """The answer."""
        return model.Reply(has_json="json" in data, **data)


class SentShape(Part):
    """What of one call must be so; what is not named is not looked at."""

    method = fields.String()
    path = fields.String()
    query = fields.Dict(keys=fields.String(), values=fields.String())
    headers = fields.Dict(keys=fields.String(), values=fields.String())
    body = fields.Raw(allow_none=True)
    type = fields.String()
    data = fields.Raw(allow_none=True)
    signed = fields.Boolean(truthy={True}, falsy={False})


class OneOrMore(fields.Field[Any]):
    """For each key one object of a shape, or a list of them."""

    def __init__(self, shape: type[Schema], *, always_list: bool = False) -> None:
        super().__init__()
        self.shape, self.always_list = shape, always_list

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> Any:
        if not isinstance(value, Mapping):
            raise ValidationError("Not an object.")
        found, wrong = {}, {}
        for key, said in value.items():
            try:
                found[key] = self._read(said)
            except ValidationError as error:
                wrong[key] = error.messages
        if wrong:
            raise ValidationError(wrong)
        return found

    def _read(self, said: Any) -> Any:
        if isinstance(said, list):
            if not said and not self.always_list:
                raise ValidationError("Give at least one.")
            return tuple(self.shape(many=True).load(said))
        if not isinstance(said, Mapping):
            raise ValidationError("Not an object, nor a list of objects.")
        one = self.shape().load(said)
        return (one,) if self.always_list else one
