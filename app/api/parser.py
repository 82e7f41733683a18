"""The parser behind ``arguments``: strict JSON, named fields, every wrong one told at once."""

from __future__ import annotations

from typing import Any, NoReturn

from flask import Request
from marshmallow import RAISE, ValidationError
from webargs.core import missing
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import UnsupportedMediaType

from app.api.reading import LARGEST_JSON, read_json
from app.errors import Invalid


class ExpectedJson(UnsupportedMediaType):
    """The body came as something other than JSON."""

    expected = "application/json"


class StrictParser(FlaskParser):
    """Reads bodies by ``read_json`` and raises Invalid for whatever a schema refuses."""

    DEFAULT_UNKNOWN_BY_LOCATION: dict[str, str | None] = {  # noqa: RUF012
        **FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION,
        "query": RAISE,
    }

    def load_json(self, req: Request, schema: Any) -> Any:
        """The body's value, or nothing when there is no body."""
        req.max_content_length = LARGEST_JSON
        body = req.get_data(cache=True)
        if not body:
            return missing
        if req.mimetype != "application/json" and not req.mimetype.endswith("+json"):
            raise ExpectedJson
        return read_json(body)

    def handle_error(self, error: ValidationError, *_: Any, **__: Any) -> NoReturn:
        """Raise Invalid with the path of each wrong field."""
        # The parser has put the messages under the name of the location, such as "json".
        (messages,) = error.messages_dict.values()
        raise Invalid(flatten(messages)) from error


def flatten(messages: Any, path: str = "") -> dict[str, list[str]]:
    """Nested messages by their path: ``customer.phone``, ``items[2].name``."""
    if not isinstance(messages, dict):
        told = messages if isinstance(messages, list) else [messages]
        return {path or "body": told}
    errors: dict[str, list[str]] = {}
    for name, inner in messages.items():
        step = _step(path, name)
        errors.update(flatten(inner, step))
    return errors


def _step(path: str, name: Any) -> str:
    if name == "_schema":
        return path
    if isinstance(name, int):
        return f"{path}[{name}]"
    return f"{path}.{name}" if path else str(name)
