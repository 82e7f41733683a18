"""What a form is: frozen values read from one form-js file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any, Literal

Names = Mapping[str, str]
"""A text by language, ``{"en": ..., "fa": ...}``; English stands in for a missing one."""

Evaluate = Callable[[str, Mapping[str, Any]], Any]
"""Evaluates a FEEL text (without its leading ``=``) over a context; passed in by the caller."""

Objection = tuple[str, Mapping[str, object]]
"""A rule about conditions, as ``forms/rules.py`` names it, and the words of its texts."""

Judge = Callable[[str], Iterable[Objection]]
"""What is wrong with a condition (without its ``=``); passed in, for the room knows no FEEL."""

ANSWERED = frozenset(
    {
        *("textfield", "textarea", "number", "checkbox", "radio"),
        *("select", "checklist", "taglist", "datetime", "filepicker"),
    }
)
"""Component types that hold an answer."""
CHOSEN = frozenset({"radio", "select", "checklist", "taglist"})
"""Answered types with options."""
LISTED = frozenset({"checklist", "taglist", "filepicker"})
"""Answered types whose answer is a list."""


@dataclass(frozen=True)
class Finding:
    """One reason why a form is refused, or one warning about it."""

    element: str
    """The component's id, or ``""`` for the form itself."""
    code: str
    """The rule; its texts stand in ``forms/rules.py``."""
    message: Names
    """What is wrong, in both languages."""
    remedy: Names
    """What to write instead, in both languages."""
    line: int = 1
    """The line of the file on which the component begins."""
    severity: Literal["error", "warning"] = "error"


class FormRefused(ValueError):
    """The form holds something that Peygir cannot show or check."""

    def __init__(self, findings: tuple[Finding, ...], key: str = "") -> None:
        self.findings = findings
        self.key = key
        told = "; ".join(f"{f.element or 'form'}: {f.message['en']}" for f in findings)
        super().__init__(f"{key}: {told}")


@dataclass(frozen=True)
class Option:
    """One choice of a radio, select, checklist or taglist."""

    value: str
    labels: Names
    descriptions: Names = field(default_factory=dict)


@dataclass(frozen=True)
class Field:
    """One component that holds an answer, with its rules and its texts."""

    id: str
    key: str
    type: str
    labels: Names
    descriptions: Names = field(default_factory=dict)
    required: bool = False
    readonly: bool = False
    hide: tuple[str, ...] = ()
    """FEEL conditions, its own and its groups', without ``=``; one that holds hides the field."""
    default: Any = None
    min_length: int = 0
    max_length: int = 500
    pattern: str = ""
    kind: Literal["", "email", "phone"] = ""
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    decimals: int | None = None
    """How many decimal places a number may have; ``None`` for any."""
    options: tuple[Option, ...] = ()
    subtype: Literal["date", "time", "datetime"] = "date"
    not_past: bool = False
    multiple: bool = False
    accept: str = ""
    columns: int = 12
    """Width on a staff page, in twelfths."""
    prefixes: Names = field(default_factory=dict)
    suffixes: Names = field(default_factory=dict)
    messages: Mapping[str, Names] = field(default_factory=dict)
    """The file's own words for ``required`` and ``pattern``."""
    refers_to: str = ""
    """The kind of record that the answer names by its number, such as ``request:incident``."""


@dataclass(frozen=True)
class Static:
    """A text, a separator or a spacer."""

    id: str
    type: str
    texts: Names = field(default_factory=dict)
    hide: tuple[str, ...] = ()
    columns: int = 12


@dataclass(frozen=True)
class Group:
    """Components that belong together: a fieldset, and at the top level a page of the portal."""

    id: str
    labels: Names
    components: tuple[Component, ...]
    hide: tuple[str, ...] = ()
    columns: int = 12


Component = Field | Static | Group


@dataclass(frozen=True)
class Page:
    """One step of a form that is filled in page by page."""

    key: str
    titles: Names
    components: tuple[Component, ...]

    @property
    def fields(self) -> tuple[Field, ...]:
        return tuple(walk(self.components))


@dataclass(frozen=True)
class Form:
    """One form file, read and found sound."""

    key: str
    titles: Names
    components: tuple[Component, ...]
    source: Mapping[str, Any]
    """The file's JSON, for the editor and for clients that draw the form themselves."""
    sha256: str
    warnings: tuple[Finding, ...] = ()

    @cached_property
    def fields(self) -> tuple[Field, ...]:
        """Every answered component, in the file's order."""
        return tuple(walk(self.components))

    @cached_property
    def deciding(self) -> tuple[Field, ...]:
        """The fields whose conditions decide on answers, in the file's order: those that are
        asked, and what is only shown where the condition of such a field may name it."""
        found: list[Field] = []
        for one in reversed(self.fields):
            named = any(one.key in text for other in found for text in other.hide)
            if not one.readonly or named:
                found.append(one)
        return tuple(reversed(found))

    @property
    def pages(self) -> tuple[Page, ...]:
        """The steps of the form: each top-level group, and each run of components between."""
        return tuple(_pages(self))


def walk(components: tuple[Component, ...]) -> Iterator[Field]:
    """Yields the answered components, groups opened."""
    for component in components:
        if isinstance(component, Field):
            yield component
        elif isinstance(component, Group):
            yield from walk(component.components)


def say(names: Names, language: str) -> str:
    """The text in that language, else in English, else in whatever language it has."""
    return names.get(language) or names.get("en") or next(iter(names.values()), "")


def _pages(form: Form) -> Iterator[Page]:
    loose: list[Component] = []
    for component in form.components:
        if not isinstance(component, Group):
            loose.append(component)
            continue
        if loose:
            yield Page(loose[0].id, form.titles, tuple(loose))
            loose = []
        yield Page(component.id, component.labels, component.components)
    if loose:
        yield Page(loose[0].id, form.titles, tuple(loose))
