"""Fields of the API: marshmallow's, speaking both languages."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, validate

from app.api import words
from app.errors import NotFound
from app.services.cursors import read_cursor, read_whole


class ApiSchema(Schema):
    """A body or a query of the API; names it does not know are errors."""

    error_messages = {"unknown": words.UNKNOWN, "type": words.NOT_OBJECT}  # noqa: RUF012

    class Meta:
        unknown = RAISE


_COMMON = {"required": words.REQUIRED, "null": words.NOT_NULL}


FILLED: dict[str, Any] = {"minLength": 1, "pattern": r"\S"}
"""Tells callers that a text may not be blank, where a service says so in its own words."""


class Text(fields.String):
    """A text of at most so many characters; blank ones only where ``least`` is 0."""

    default_error_messages = {**_COMMON, "invalid": words.NOT_TEXT, "control": words.CONTROL}  # noqa: RUF012

    def __init__(self, most: int, least: int = 0, **more: Any) -> None:
        super().__init__(validate=_Length(least or None, most), **more)

    def _deserialize(self, value: Any, *where: Any, **more: Any) -> Any:
        text = super()._deserialize(value, *where, **more)
        wrong = next((c for c in text or "" if c < " " and c not in "\n\r\t"), None)
        if wrong is not None:
            raise self.make_error("control", code=f"U+{ord(wrong):04X}")
        return text


class Choice(fields.String):
    """One of a few words."""

    default_error_messages = {**_COMMON, "invalid": words.NOT_TEXT}  # noqa: RUF012

    def __init__(self, *choices: str, **more: Any) -> None:
        super().__init__(validate=validate.OneOf(choices, error=words.CHOICE), **more)


class Whole(fields.Integer):
    """A whole number between two bounds."""

    default_error_messages = {  # noqa: RUF012
        **_COMMON,
        "invalid": words.NOT_WHOLE,
        "too_large": words.NOT_WHOLE,
    }

    def __init__(self, least: int, most: int, **more: Any) -> None:
        check = validate.Range(least, most, error=words.RANGE)
        super().__init__(validate=check, **more)

    def _validated(self, value: Any) -> int:
        if isinstance(value, float) and not value.is_integer():
            # The field itself would cut off what is behind the point.
            raise self.make_error("invalid")
        return super()._validated(value)


class Flag(fields.Boolean):
    """Yes or no."""

    default_error_messages = {**_COMMON, "invalid": words.NOT_FLAG}  # noqa: RUF012


class Document(fields.Dict):
    """Any JSON object."""

    default_error_messages = {**_COMMON, "invalid": words.NOT_OBJECT}  # noqa: RUF012


class Part(fields.Nested):
    """An object with fields of its own."""

    default_error_messages = {**_COMMON, "type": words.NOT_OBJECT}  # noqa: RUF012


class Cursor(fields.String):
    """The ``next`` of an earlier answer; loads as the id after which to go on."""

    default_error_messages = {**_COMMON, "invalid": words.BAD_CURSOR}  # noqa: RUF012

    def _deserialize(self, value: Any, *where: Any, **more: Any) -> Any:
        row_id = read_cursor_id(super()._deserialize(value, *where, **more))
        if row_id is None:
            raise self.make_error("invalid")
        return row_id


def read_cursor_id(text: str) -> int | None:
    """The id in a cursor, or nothing when the text is none of ours."""
    try:
        row_id = read_cursor(text, id=read_whole)["id"]
    except NotFound:
        return None
    return row_id if row_id >= 0 else None


class _Length(validate.Length):
    """Counts characters; a text of blanks alone counts as empty."""

    message_max = words.TOO_LONG
    message_all = words.LENGTH
    message_min = words.LENGTH

    def __call__(self, value: Any) -> Any:
        if self.min and isinstance(value, str) and not value.strip():
            raise ValidationError(words.EMPTY)
        return super().__call__(value)


class Moment(fields.AwareDateTime):
    """An instant that a caller tells, ISO 8601 with its offset; of a year that tables and all
    calendars can hold."""

    default_error_messages = {  # noqa: RUF012
        **_COMMON,
        "invalid": words.NOT_MOMENT,
        "invalid_awareness": words.NOT_MOMENT,
    }

    def __init__(self, **more: Any) -> None:
        within = validate.Range(*_YEARS, max_inclusive=False, error=words.NOT_MOMENT)
        super().__init__(format="iso", validate=within, **more)


_YEARS = (datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC))


class Instant(fields.DateTime):
    """An instant in UTC, ISO 8601 with its offset; null when it has not come."""

    def __init__(self, **more: Any) -> None:
        super().__init__(dump_only=True, allow_none=True, **more)

    def _serialize(self, value: datetime | None, *where: Any, **more: Any) -> str | None:
        return None if value is None else value.astimezone(UTC).isoformat()


class Names(fields.Dict):
    """A text in each language: ``{"fa": ..., "en": ...}``."""

    def __init__(self, **more: Any) -> None:
        super().__init__(keys=fields.String(), values=fields.String(), **more)
