"""Reads single values out of form JSON; what does not fit becomes a finding, not an error."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from forms.model import Finding, FormRefused, Names
from forms.text import has_control

MAX_BYTES = 512 * 1024
MAX_TEXT = 4000
LANGUAGES = ("en", "fa")


def read_json(source: bytes | str, key: str) -> dict[str, Any]:
    """The file's JSON object; :class:`FormRefused` when it is no such thing."""
    if len(source) > MAX_BYTES:
        raise _refuse(key, "size", f"the file is larger than {MAX_BYTES} bytes")
    try:
        text = source.decode("utf-8-sig") if isinstance(source, bytes) else source
        whole = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise _refuse(key, "json", f"the file is not readable JSON: {error}") from error
    if not isinstance(whole, dict):
        raise _refuse(key, "json", "the file must hold one JSON object")
    return whole


def _refuse(key: str, code: str, message: str) -> FormRefused:
    return FormRefused((Finding("", code, message),), key)


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a number of JSON")


@dataclass
class Findings:
    """What was found so far while one form is read."""

    errors: list[Finding] = field(default_factory=list)
    warnings: list[Finding] = field(default_factory=list)
    ids: set[str] = field(default_factory=set)
    keys: set[str] = field(default_factory=set)

    def refuse(self, element: str, code: str, message: str) -> None:
        self.errors.append(Finding(element, code, message))

    def warn(self, element: str, code: str, message: str) -> None:
        self.warnings.append(Finding(element, code, message, "warning"))


@dataclass(frozen=True)
class Node:
    """One JSON object of the file, with the id that its findings name."""

    id: str
    values: Mapping[str, Any]
    found: Findings

    def refuse(self, code: str, message: str) -> None:
        self.found.refuse(self.id, code, message)

    def at(self, name: str) -> Node:
        """The object under that name; an empty one when it is absent."""
        value = self.values.get(name)
        if value is not None and not isinstance(value, dict):
            self.refuse("type", f"{name} must be an object")
        return Node(self.id, value if isinstance(value, dict) else {}, self.found)

    def items(self, name: str) -> list[Any]:
        """The list under that name; an empty one when it is absent."""
        value = self.values.get(name)
        if value is not None and not isinstance(value, list):
            self.refuse("type", f"{name} must be a list")
        return value if isinstance(value, list) else []

    def text(self, name: str) -> str:
        """A text meant for people: no template, no expression, no hidden signs."""
        value = self.raw(name)
        if value.startswith("=") or "{{" in value:
            self.refuse("expression", f"{name} must be a plain text, not an expression")
        return value

    def raw(self, name: str) -> str:
        """A text as it stands; ``""`` when absent or not usable."""
        value = self.values.get(name)
        if value is None:
            return ""
        if not isinstance(value, str) or len(value) > MAX_TEXT or has_control(value):
            self.refuse("type", f"{name} must be a text of at most {MAX_TEXT} plain characters")
            return ""
        return value.strip()

    def flag(self, name: str) -> bool:
        """True or false; false when absent. An expression is refused."""
        value = self.values.get(name)
        if value is not None and not isinstance(value, bool):
            self.refuse("type", f"{name} must be true or false (an expression is not supported)")
        return value is True

    def whole(self, name: str, at_most: int) -> int | None:
        """A whole number from 0; None when absent. The editor leaves ``""`` for none."""
        value = self.values.get(name)
        if value is None or value == "":
            return None
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= at_most:
            self.refuse("type", f"{name} must be a whole number from 0 to {at_most}")
            return None
        return value

    def number(self, name: str) -> Decimal | None:
        """A number, also when the editor wrote it as text; None when absent."""
        value = self.values.get(name)
        if value is None or value == "":
            return None
        number = _to_decimal(value)
        if number is None:
            self.refuse("type", f"{name} must be a number of at most 15 digits")
        return number

    def names(self, name: str, persian: Mapping[str, Any] | None = None, called: str = "") -> Names:
        """The text in both languages: ``name`` here, ``name_fa`` here or among the properties.

        ``called`` is the word before ``_fa`` when it is another one than ``name``.
        """
        word = called or name
        other = Node(self.id, self.values if persian is None else persian, self.found)
        said = {"en": self.text(name) or other.text(f"{word}_en"), "fa": other.text(f"{word}_fa")}
        told = {language: text for language, text in said.items() if text}
        if len(told) == 1:
            missing = next(language for language in LANGUAGES if language not in told)
            self.found.warn(self.id, "language", f"{name} has no text in {missing}")
        return told


def _to_decimal(value: Any) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    if isinstance(value, int) and abs(value) >= 10**15:
        return None
    try:
        number = Decimal(str(value))
    except (InvalidOperation, ValueError):
        return None
    return number if number.is_finite() and abs(number) < 10**15 else None
