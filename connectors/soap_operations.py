"""The operations of a WSDL as people see and map them: plain data, without zeep."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

Kind = Literal[
    "text", "number", "boolean", "date", "date-time", "time", "duration", "binary", "any", "object"
]


@dataclass(frozen=True)
class Field:
    """One value that an operation takes or gives."""

    name: str
    kind: Kind
    type: str
    """The name of its type in the schema; empty when that has none."""
    required: bool = True
    many: bool = False
    """A list of such values."""
    nillable: bool = False
    attribute: bool = False
    choices: tuple[str, ...] = ()
    fields: tuple[Field, ...] = ()
    """What an object holds."""
    cut: bool = False
    """It holds more than is shown: it repeats itself, or is very deep or large."""


@dataclass(frozen=True)
class Operation:
    """One thing that can be asked of a partner."""

    name: str
    inputs: tuple[Field, ...]
    outputs: tuple[Field, ...]
    headers: tuple[Field, ...] = ()
    faults: tuple[str, ...] = ()
    address: str = ""
    version: str = "1.1"
    ports: tuple[str, ...] = ()
    """Where it can be called, the first being usual."""
    style: str = "document"
    one_way: bool = False
    about: str = ""


def as_json(found: Iterable[Operation]) -> list[dict[str, Any]]:
    """Operations as JSON values, which :func:`from_json` reads."""
    return [asdict(one) for one in found]


def from_json(rows: Iterable[Mapping[str, Any]]) -> tuple[Operation, ...]:
    """Operations as :func:`as_json` gave them."""
    return tuple(
        Operation(**dict(row, **{part: _fields(row[part]) for part in _PARTS},
                         faults=tuple(row["faults"]), ports=tuple(row["ports"])))
        for row in rows
    )  # fmt: skip


_PARTS = ("inputs", "outputs", "headers")


def _fields(rows: Iterable[Mapping[str, Any]]) -> tuple[Field, ...]:
    return tuple(
        Field(**dict(row, choices=tuple(row["choices"]), fields=_fields(row["fields"])))
        for row in rows
    )
