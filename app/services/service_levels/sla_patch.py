"""Changing single values in the text of a setting: all else stays as written, remarks too."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import tomli_w

import sla

Path = tuple[str, ...]
_LONGEST_LINE = 100
_GONE = object()


def patched(source: str, wanted: Mapping[str, Any]) -> str:
    """The text that says what is wanted, changed in as few lines as can be; written anew where
    that cannot be done line by line."""
    had = tomllib.loads(source)
    lines = source.splitlines()
    for path, value in sorted(_changes(had, wanted, ()), key=lambda one: one[0], reverse=True):
        lines = _with(lines, path, value)
    text = "\n".join(lines) + "\n"
    try:
        return text if tomllib.loads(text) == wanted else tomli_w.dumps(wanted)
    except tomllib.TOMLDecodeError:
        return tomli_w.dumps(wanted)


def _changes(had: Any, wanted: Any, at: Path) -> Iterator[tuple[Path, Any]]:
    """The places of values that differ, each with its new value."""
    if isinstance(had, Mapping) and isinstance(wanted, Mapping):
        for key in dict.fromkeys((*had, *wanted)):
            one, other = had.get(key, _GONE), wanted.get(key, _GONE)
            if one != other:
                yield from _changes(one, other, (*at, key))
    elif _are_tables(had) and _are_tables(wanted) and len(had) == len(wanted):
        for number, (one, other) in enumerate(zip(had, wanted, strict=True), 1):
            yield from _changes(one, other, (*at, str(number)))
    elif had != wanted:
        yield at, wanted


def _are_tables(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(v, dict) for v in value)


def _with(lines: list[str], path: Path, value: Any) -> list[str]:
    """The lines with this value at its place; the same where its place is not found."""
    known = sla.key_lines("\n".join(lines))
    written = [] if value is _GONE else _assignment(path[-1], value)
    at = next((number for number, one in known if one == path), None)
    if at is not None:
        return [*lines[: at - 1], *written, *lines[_end(lines, at, known) :]]
    beside = [number for number, one in known if _is_beside(lines[number - 1], one, path)]
    if not beside or not written:
        return lines
    end = _end(lines, beside[-1], known)
    return [*lines[:end], *written, *lines[end:]]


def _is_beside(line: str, one: Path, path: Path) -> bool:
    """Whether a line is a key of the same table, or the heading of that table."""
    heading = line.lstrip().startswith("[")
    return one == path[:-1] if heading else one[:-1] == path[:-1]


def _end(lines: list[str], at: int, known: list[tuple[int, Path]]) -> int:
    """Behind the last line of what begins in that line; remarks before the next key are its."""
    end = next((number - 1 for number, _ in known if number > at), len(lines))
    while end > at and (not lines[end - 1].strip() or lines[end - 1].lstrip().startswith("#")):
        end -= 1
    return end


def _assignment(key: str, value: Any) -> list[str]:
    name = (
        key if key.replace("_", "").replace("-", "").isalnum() and key.isascii() else _literal(key)
    )
    line = f"{name} = {_literal(value)}"
    if len(line) <= _LONGEST_LINE or not isinstance(value, list):
        return [line]
    return [f"{name} = [", *(f"    {_literal(one)}," for one in value), "]"]


def _literal(value: Any) -> str:
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list):
        return f"[{', '.join(map(_literal, value))}]"
    if isinstance(value, dict):
        inner = ", ".join(f"{key} = {_literal(one)}" for key, one in value.items())
        return f"{{ {inner} }}"
    return str(value)
