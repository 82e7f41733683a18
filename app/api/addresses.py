"""The parts of addresses that vary, bounded so that nothing odd reaches the database."""

from __future__ import annotations

from typing import Any

from flask import Flask
from werkzeug.routing import BaseConverter, IntegerConverter, Map

BIGGEST_ID = 2**63 - 1


class Id(IntegerConverter):
    """The number of a record."""

    def __init__(self, map: Map, *_: Any, **__: Any) -> None:  # noqa: A002  # Werkzeug's name.
        super().__init__(map, min=1, max=BIGGEST_ID)


class Number(BaseConverter):
    """The number of a request, such as R-000012."""

    regex = "[Rr]-[0-9]{1,18}"
    schema = {"type": "string", "pattern": "^[Rr]-[0-9]{1,18}$"}  # noqa: RUF012


class Key(BaseConverter):
    """The key of a process: an XML name, in any script."""

    regex = r"[^/\x00-\x20\x7f]{1,200}"
    schema = {"type": "string", "minLength": 1, "maxLength": 200}  # noqa: RUF012


class Name(BaseConverter):
    """A word of ours."""

    regex = "[a-z0-9-]{1,40}"
    schema = {"type": "string", "pattern": "^[a-z0-9-]{1,40}$"}  # noqa: RUF012


CONVERTERS = {"id": Id, "number": Number, "key": Key, "name": Name}


def add_converters(app: Flask) -> None:
    """Let routes say ``<id:...>``, ``<number:...>``, ``<key:...>``, ``<name:...>``."""
    app.url_map.converters.update(CONVERTERS)
