"""Reads single values out of form JSON; what does not fit becomes a finding, not an error."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from forms.model import Finding, FormRefused, Judge, Names
from forms.placed import Placed, read_placed
from forms.rules import finding
from forms.text import has_control

MAX_BYTES = 512 * 1024
MAX_TEXT = 4000
LANGUAGES = ("en", "fa")
_LANGUAGES = {"en": ("English", "انگلیسی"), "fa": ("Persian", "فارسی")}


def read_json(source: bytes | str, key: str) -> dict[str, Any]:
    """The file's JSON object; :class:`FormRefused` when it is no such thing."""
    if len(source) > MAX_BYTES:
        raise _refuse(key, "size", limit=MAX_BYTES // 1024)
    try:
        text = source.decode("utf-8-sig") if isinstance(source, bytes) else source
        whole = read_placed(text)
    except (ValueError, RecursionError) as error:
        at = error.lineno if isinstance(error, json.JSONDecodeError) else 1
        raise _refuse(key, "json", at, why=error) from error
    if not isinstance(whole, dict):
        raise _refuse(key, "json-object")
    return whole


def _refuse(key: str, code: str, line: int = 1, **words: object) -> FormRefused:
    return FormRefused((finding(code, "", line, words),), key)


@dataclass
class Findings:
    """What was found so far while one form is read."""

    errors: list[Finding] = field(default_factory=list)
    warnings: list[Finding] = field(default_factory=list)
    ids: set[str] = field(default_factory=set)
    keys: set[str] = field(default_factory=set)
    judge: Judge | None = None
    """What is wrong with a condition; None when nobody can tell."""

    def add(self, found: Finding) -> None:
        """Keep a finding among those that refuse the form or those that warn."""
        (self.errors if found.severity == "error" else self.warnings).append(found)


@dataclass(frozen=True)
class Node:
    """One JSON object of the file, with the id that its findings name."""

    id: str
    values: Mapping[str, Any]
    found: Findings
    line: int = 1
    """The line of the object around it, where this one is none of the file's own."""

    def tell(self, code: str, **words: object) -> None:
        """Keep a finding about this object, on the line where it begins."""
        self.found.add(finding(code, self.id, self.begins, words))

    def refuse_unknown(self, known: frozenset[str], place: str = "") -> None:
        """Keep a finding about each attribute that is none of the known ones."""
        for name in self.values:
            if name not in known:
                self.tell("attribute", name=f"{place}{name[:60]}")

    @property
    def begins(self) -> int:
        """The line on which the object begins."""
        return self.values.line if isinstance(self.values, Placed) else self.line

    def at(self, name: str) -> Node:
        """The object under that name; an empty one when it is absent."""
        value = self.values.get(name)
        if value is not None and not isinstance(value, dict):
            self.tell("object", name=name)
        return Node(self.id, value if isinstance(value, dict) else {}, self.found, self.begins)

    def items(self, name: str) -> list[Any]:
        """The list under that name; an empty one when it is absent."""
        value = self.values.get(name)
        if value is not None and not isinstance(value, list):
            self.tell("list", name=name)
        return value if isinstance(value, list) else []

    def text(self, name: str) -> str:
        """A text meant for people: no template, no expression, no hidden signs."""
        value = self.raw(name)
        if value.startswith("=") or "{{" in value:
            self.tell("expression", name=name)
        return value

    def raw(self, name: str) -> str:
        """A text as it stands; ``""`` when absent or not usable."""
        value = self.values.get(name)
        if value is None:
            return ""
        if not isinstance(value, str) or len(value) > MAX_TEXT or has_control(value):
            self.tell("text", name=name, limit=MAX_TEXT)
            return ""
        return value.strip()

    def flag(self, name: str) -> bool:
        """True or false; false when absent. An expression is refused."""
        value = self.values.get(name)
        if value is not None and not isinstance(value, bool):
            self.tell("flag", name=name)
        return value is True

    def whole(self, name: str, at_most: int) -> int | None:
        """A whole number from 0; None when absent. The editor leaves ``""`` for none."""
        value = self.values.get(name)
        if value is None or value == "":
            return None
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= at_most:
            self.tell("whole", name=name, limit=at_most)
            return None
        return value

    def number(self, name: str) -> Decimal | None:
        """A number, also when the editor wrote it as text; None when absent."""
        value = self.values.get(name)
        if value is None or value == "":
            return None
        number = _to_decimal(value)
        if number is None:
            self.tell("number", name=name)
        return number

    def names(self, name: str, persian: Mapping[str, Any] | None = None, called: str = "") -> Names:
        """The text in both languages: ``name`` here, ``name_fa`` here or among the properties.

        ``called`` is the word before ``_fa`` when it is another one than ``name``.
        """
        word = called or name
        values = self.values if persian is None else persian
        other = Node(self.id, values, self.found, self.begins)
        said = {"en": self.text(name) or other.text(f"{word}_en"), "fa": other.text(f"{word}_fa")}
        told = {language: text for language, text in said.items() if text}
        if len(told) == 1:
            missing = next(language for language in LANGUAGES if language not in told)
            en, fa = _LANGUAGES[missing]
            self.tell("language", name=name, missing_en=en, missing_fa=fa)
        return told

    def columns(self) -> int:
        """The editor's sixteenths as twelfths."""
        columns = self.at("layout").whole("columns", 16)
        return round(columns * 12 / 16) or 1 if columns else 12


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
