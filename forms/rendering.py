"""Draws a form as HTML: Bootstrap markup, no script, no inline style, every value escaped."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo
from typing import Any, Literal

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from forms.display import show_input, tell_answer
from forms.hiding import find_hidden_parts, is_conditional
from forms.markup import mark_up
from forms.model import CHOSEN, Component, Evaluate, Field, Form, Group, Page, Static, say, walk
from forms.words import WORDS

_environment = Environment(
    loader=PackageLoader("forms", "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def fill(template: str, **values: Any) -> Markup:
    """One of the room's own templates, filled; every value is escaped by it."""
    # The template itself escapes, so its result is markup.
    return Markup(_environment.get_template(template).render(**values))  # noqa: S704


def words_of(language: str) -> Mapping[str, str]:
    """The shared words in that language."""
    return WORDS.get(language, WORDS["en"])


@dataclass(frozen=True)
class Look:
    """How and for whom a form is drawn."""

    language: str
    zone: tzinfo = UTC
    layout: Literal["grid", "column"] = "grid"
    """``grid`` follows the file's widths (staff pages); ``column`` is one column (portal)."""
    readonly: bool = False
    prefix: str = ""
    """Stands before every name and id, when a page holds fields of its own."""


@dataclass(frozen=True)
class Choice:
    """One radio, box or option as drawn."""

    id: str
    value: str
    label: str
    description: str
    chosen: bool


@dataclass(frozen=True)
class Frame:
    """What stands around a part: its width, and how it comes and goes."""

    column: str = "col-12"
    part: str = ""
    """The component's id when its condition may show or hide it, else ``""``."""
    hidden: Literal["", "hidden", "data-hidden"] = ""
    """How it is hidden at first: ``data-hidden`` only where scripts run, which can show it."""


@dataclass(frozen=True)
class Shown:
    """One field as drawn."""

    field: Field
    id: str
    name: str
    label: str
    hint: str
    errors: tuple[str, ...]
    value: str
    time: str
    ticked: bool
    choices: tuple[Choice, ...]
    frame: Frame
    before: str
    after: str

    @property
    def kind(self) -> str:
        return "checklist" if self.field.type == "taglist" else self.field.type

    @property
    def described_by(self) -> str:
        """The ids of the error and the hint, the error first."""
        ids = [f"{self.id}-e"] if self.errors else []
        return " ".join([*ids, f"{self.id}-h"] if self.hint else ids)


@dataclass(frozen=True)
class Facts:
    """Answers that are shown and not asked: pairs of label and text."""

    rows: tuple[tuple[str, str], ...]
    kind: str = "facts"
    frame: Frame = Frame()


@dataclass(frozen=True)
class Block:
    """A text, separator or spacer as drawn."""

    kind: str
    html: Markup
    frame: Frame


@dataclass(frozen=True)
class Set:
    """A group as drawn."""

    label: str
    parts: tuple[Part, ...]
    frame: Frame
    kind: str = "group"


Part = Shown | Facts | Block | Set


def render(
    form: Form,
    data: Mapping[str, Any],
    errors: Mapping[str, Sequence[str]],
    language: str,
    *,
    zone: tzinfo = UTC,
    layout: Literal["grid", "column"] = "grid",
    readonly: bool = False,
    prefix: str = "",
    evaluate: Evaluate | None = None,
    page: Page | None = None,
) -> Markup:
    """The form's fields as HTML, filled with ``data``, each error under its field.

    ``data`` is a draft, variables, or what :func:`forms.gather` read; the page around holds
    the ``<form novalidate>``, its buttons and its token. With ``page`` only that page is drawn.
    With ``evaluate``, parts that their conditions hide are marked (``data-part`` is the
    component's id): a question hides only where scripts run, a text at once, and answers that
    are shown and not asked are left out.
    """
    look = Look(language, zone, layout, readonly, prefix)
    filled = {f.key: f.default for f in form.fields if f.default is not None} | dict(data)
    hidden = find_hidden_parts(form, filled, language, zone=zone, evaluate=evaluate)
    components = page.components if page else form.components
    draft = _Draft(look, filled, errors, hidden)
    parts = _draw(components, draft)
    return fill("forms/form.html", parts=parts, look=look, words=words_of(language))


@dataclass(frozen=True)
class _Draft:
    look: Look
    data: Mapping[str, Any]
    errors: Mapping[str, Sequence[str]]
    hidden: frozenset[str]


def _draw(components: Sequence[Component], draft: _Draft) -> tuple[Part, ...]:
    parts: list[Part] = []
    for component in components:
        part = _draw_one(component, draft)
        if isinstance(part, Facts) and parts and isinstance(parts[-1], Facts):
            part = Facts(parts.pop().rows + part.rows)  # type: ignore[union-attr]
        if part is not None:
            parts.append(part)
    return tuple(parts)


def _draw_one(component: Component, draft: _Draft) -> Part | None:
    only_shown = draft.look.readonly or (isinstance(component, Field) and component.readonly)
    if only_shown and component.id in draft.hidden:
        return None
    if isinstance(component, Group):
        return _draw_group(component, draft)
    if isinstance(component, Static):
        return _draw_static(component, draft)
    return _draw_fact(component, draft) if only_shown else _draw_field(component, draft)


def _draw_group(group: Group, draft: _Draft) -> Set | None:
    parts = _draw(group.components, draft)
    label = say(group.labels, draft.look.language)
    return Set(label, parts, _frame(group, draft)) if parts else None


def _frame(component: Component, draft: _Draft) -> Frame:
    wide = draft.look.layout == "column" or component.columns >= 12
    column = "col-12" if wide else f"col-md-{component.columns}"
    if not is_conditional(component):
        return Frame(column)
    if component.id not in draft.hidden:
        return Frame(column, component.id)
    asks = any(not field.readonly for field in walk((component,)))
    return Frame(column, component.id, "data-hidden" if asks else "hidden")


def _draw_static(static: Static, draft: _Draft) -> Block:
    html = mark_up(say(static.texts, draft.look.language)) if static.texts else Markup("")
    return Block(static.type, html, _frame(static, draft))


def _draw_fact(field: Field, draft: _Draft) -> Facts:
    look = draft.look
    text = tell_answer(field, draft.data.get(field.key), look.language, look.zone)
    return Facts(((say(field.labels, look.language), text or "—"),))


def _draw_field(field: Field, draft: _Draft) -> Shown:
    look, value = draft.look, draft.data.get(field.key)
    text, hour = show_input(field, value, look.language, look.zone)
    field_id = input_id(look.prefix, field.key)
    return Shown(
        field=field,
        id=field_id,
        name=look.prefix + field.key,
        label=say(field.labels, look.language),
        hint=_hint(field, look),
        errors=tuple(draft.errors.get(field.key, ())),
        value=text,
        time=hour,
        ticked=value in (True, "true", "on"),
        choices=_draw_choices(field, value, field_id, look) if field.type in CHOSEN else (),
        frame=_frame(field, draft),
        before=say(field.prefixes, look.language),
        after=say(field.suffixes, look.language),
    )


def _hint(field: Field, look: Look) -> str:
    """The file's description, and how a date or a time is written."""
    own = say(field.descriptions, look.language)
    shape = words_of(look.language)[f"hint_{field.subtype}"] if field.type == "datetime" else ""
    return " ".join(part for part in (own, shape) if part)


def _draw_choices(field: Field, value: Any, field_id: str, look: Look) -> tuple[Choice, ...]:
    chosen = value if isinstance(value, list) else [value]
    return tuple(
        Choice(
            # The first carries the field's own id, so that the list of errors can lead to it.
            field_id if n == 0 else f"{field_id}-{n + 1}",
            option.value,
            say(option.labels, look.language),
            say(option.descriptions, look.language),
            option.value in chosen,
        )
        for n, option in enumerate(field.options)
    )


def input_id(prefix: str, key: str) -> str:
    """The HTML id of a field's first input."""
    return "f-" + re.sub(r"[^A-Za-z0-9_-]", "-", prefix) + key
