"""What varies in addresses and forms, bounded so that nothing odd reaches the database."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import Flask, Request
from werkzeug.datastructures import MultiDict
from werkzeug.routing import BaseConverter, IntegerConverter, Map

BIGGEST_ID = 2**63 - 1
_DIGITS = len(str(BIGGEST_ID))


class Id(IntegerConverter):
    """The number of a record."""

    def __init__(self, map: Map, *_: Any, **__: Any) -> None:  # noqa: A002  # Werkzeug's name.
        super().__init__(map, min=1, max=BIGGEST_ID)


class Number(BaseConverter):
    """The number of a request, such as R-000012."""

    regex = "[Rr]-[0-9]{1,18}"
    schema = {"type": "string", "pattern": "^[Rr]-[0-9]{1,18}$"}  # noqa: RUF012


class RecordNumber(BaseConverter):
    """The number of an asset or a problem, such as A-000012 or P-000003."""

    regex = "[AaPp]-[0-9]{1,18}"
    schema = {"type": "string", "pattern": "^[AaPp]-[0-9]{1,18}$"}  # noqa: RUF012


class Key(BaseConverter):
    """The key of a process: an XML name, in any script."""

    regex = r"[^/\x00-\x20\x7f]{1,200}"
    schema = {"type": "string", "minLength": 1, "maxLength": 200}  # noqa: RUF012


class Name(BaseConverter):
    """A word of ours."""

    regex = "[a-z0-9-]{1,40}"
    schema = {"type": "string", "pattern": "^[a-z0-9-]{1,40}$"}  # noqa: RUF012


CONVERTERS = {"id": Id, "number": Number, "record": RecordNumber, "key": Key, "name": Name}


def read_id(text: str) -> int | None:
    """The number of a record as a form writes it, or nothing when it is none."""
    # Python refuses to read numbers of thousands of digits, so the length is looked at first.
    number = int(text) if text.isdecimal() and len(text) <= _DIGITS else 0
    return number if 0 < number <= BIGGEST_ID else None


def holds_nul(request: Request) -> bool:
    """Whether U+0000, which PostgreSQL keeps nowhere, stands in the address, query or form."""
    parts = [request.path, *_texts(request.args)]
    if request.method not in ("GET", "HEAD", "OPTIONS"):
        parts += _texts(request.form)
    return any("\0" in part for part in parts)


def _texts(fields: MultiDict[str, str]) -> Iterator[str]:
    for name, value in fields.items(multi=True):
        yield name
        yield value


def add_converters(app: Flask) -> None:
    """Let routes say ``<id:...>``, ``<number:...>``, ``<key:...>``, ``<name:...>``."""
    app.url_map.converters.update(CONVERTERS)
