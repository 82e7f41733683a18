"""The operations of a WSDL as lines of text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import click

from app.cli.wording import printable
from connectors import soap_check, soap_operations, wsdl
from connectors.soap_operations import Field, Operation
from connectors.wsdl_words import BadWsdl

_WORDS = {
    "en": {"inputs": "takes", "outputs": "gives", "headers": "headers", "faults": "refuses with",
           "nothing": "nothing", "required": "required", "many": "list", "nillable": "may be null",
           "attribute": "attribute", "cut": "more inside"},
    "fa": {"inputs": "می‌گیرد", "outputs": "می‌دهد", "headers": "سرآیندها", "faults": "رد می‌کند با",
           "nothing": "هیچ", "required": "لازم", "many": "فهرست", "nillable": "می‌تواند تهی باشد",
           "attribute": "ویژگی", "cut": "بیشتر در آن هست"},
}  # fmt: skip


def tell_wsdl(file: Path, language: str) -> str:
    """Every operation with its fields; raises ``ClickException`` for a WSDL that is not let in."""
    try:
        bundle = wsdl.read_bundle(file.name, file.read_bytes())
        found = soap_operations.from_json(soap_check.approve(bundle))
    except BadWsdl as error:
        raise click.ClickException(printable(error.text(language))) from None
    return printable("\n".join(line for one in found for line in _operation(one, language)))


def _operation(one: Operation, language: str) -> Iterator[str]:
    words = _WORDS[language]
    yield f"{one.name}  (SOAP {one.version}, {one.style}, {one.address or '-'})"
    parts = (("inputs", one.inputs), ("headers", one.headers), ("outputs", one.outputs))
    for part, fields in parts:
        if fields or part != "headers":
            yield f"  {words[part]}:" + ("" if fields else f" {words['nothing']}")
            yield from _fields(fields, "    ", language)
    if one.faults:
        yield f"  {words['faults']}: {', '.join(one.faults)}"


def _fields(fields: Iterable[Field], indent: str, language: str) -> Iterator[str]:
    words = _WORDS[language]
    for one in fields:
        marks = [one.kind if one.kind != "object" else one.type or one.kind]
        marks += [words[mark] for mark in _MARKS if getattr(one, mark)]
        marks += ["|".join(one.choices)] if one.choices else []
        yield f"{indent}{one.name}: {', '.join(marks)}"
        yield from _fields(one.fields, f"{indent}  ", language)


_MARKS = ("required", "many", "nillable", "attribute", "cut")
