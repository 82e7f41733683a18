"""Checks what was sent against a form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, tzinfo
from functools import lru_cache
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, missing

from forms.conditions import find_hidden
from forms.defaults import blank
from forms.fields import build
from forms.messages import tell
from forms.model import Evaluate, Field, Form, Page
from forms.setting import Setting

Errors = dict[str, list[str]]


def schema(form: Form, language: str, *, zone: tzinfo = UTC, today: date | None = None) -> Schema:
    """The marshmallow schema of the form's answerable fields; unknown keys are errors.

    It knows nothing of ``conditional.hide``: :func:`validate` does.
    """
    return _build_schema(_answerable(form.fields), Setting(language, zone, today))


def validate(
    form: Form,
    data: Any,
    language: str,
    *,
    zone: tzinfo = UTC,
    today: date | None = None,
    evaluate: Evaluate | None = None,
    context: Mapping[str, Any] | None = None,
    page: Page | None = None,
) -> tuple[dict[str, Any], Errors]:
    """The clean answers, and the errors by key (``_schema`` for the whole).

    The clean part holds every answerable key that has no error: null, false or an empty
    list where nothing was answered or a condition hides the field. ``data`` may be anything
    that JSON can hold. ``zone`` is where clock times are meant, ``today`` the date there;
    ``context`` is the data that conditions may name beside the answers. With ``page`` only
    that page's fields are checked. Values sent for readonly fields are ignored.
    """
    asked = _answerable(page.fields if page else form.fields)
    taken = _leave_out(form, asked, data)
    checks = _ready_schema(
        _Asked(form.sha256, page.key if page else "", asked), language, zone, today
    )
    clean, errors = _load(checks, taken)
    known = {**(context or {}), **_readonly_data(form, context)}
    hidden = find_hidden(form, {**known, **clean}, evaluate, form.deciding)
    wrong = {key: told for key, told in errors.items() if key not in hidden}
    if "_schema" in wrong:
        return {}, wrong
    settled = {f.key: blank(f) if f.key in hidden else clean.get(f.key) for f in asked}
    return {key: value for key, value in settled.items() if key not in wrong}, wrong


def read_answers(
    form: Form, data: Mapping[str, Any], language: str, *, zone: tzinfo = UTC
) -> dict[str, Any]:
    """The data with the form's answers clean; one that is wrong or missing is None."""
    asked = _answerable(form.fields)
    given = {field.key: data[field.key] for field in asked if field.key in data}
    checks = _ready_schema(_Asked(form.sha256, "", asked), language, zone, None)
    clean, _ = _load(checks, given)
    return {**data, **{field.key: clean.get(field.key) for field in asked}}


def gather(form: Form, posted: Mapping[str, Sequence[str]], prefix: str = "") -> dict[str, Any]:
    """The answers in a posted HTML form, by key and as written; other fields are left out.

    Every answerable key is there: a box that was not ticked is false, a list not chosen empty.
    """
    return {f.key: _gather_one(f, posted, prefix + f.key) for f in _answerable(form.fields)}


def _gather_one(field: Field, posted: Mapping[str, Sequence[str]], name: str) -> Any:
    values = list(posted.get(name, ()))
    if isinstance(blank(field), list):
        return [value for value in values if value]
    if field.type == "checkbox":
        return bool(values) and values[-1] not in ("", "false")
    if field.type == "datetime" and field.subtype == "datetime":
        values.extend(posted.get(f"{name}-time", ()))
        return " ".join(value.strip() for value in values if value.strip())
    return values[-1] if values else ""


def _answerable(fields: Sequence[Field]) -> tuple[Field, ...]:
    return tuple(field for field in fields if not field.readonly)


def _leave_out(form: Form, asked: Sequence[Field], data: Any) -> Any:
    """The data without the form's keys that are not asked here, so that they are not unknown."""
    if not isinstance(data, Mapping):
        return data
    other = {field.key for field in form.fields} - {field.key for field in asked}
    return {key: value for key, value in data.items() if key not in other}


def _readonly_data(form: Form, context: Mapping[str, Any] | None) -> dict[str, Any]:
    given = context or {}
    return {f.key: given.get(f.key, f.default) for f in form.fields if f.readonly}


def _load(checks: Schema, data: Any) -> tuple[dict[str, Any], Errors]:
    clean = _load_right(checks, data)
    if clean is not None:
        return clean, {}
    try:
        return dict(checks.load(data)), {}
    except ValidationError as error:
        # What raised it holds it, and it what raised it: all that a request has in hand.
        error.__traceback__ = None
        valid = error.valid_data if isinstance(error.valid_data, dict) else {}
        messages = error.messages if isinstance(error.messages, dict) else {}
        return dict(valid), {str(key): list(told) for key, told in messages.items()}


def _load_right(checks: Schema, data: Any) -> dict[str, Any] | None:
    """What the schema makes of data with nothing wrong in it, in half the time; None where
    anything is, for then the schema itself is to tell."""
    asked = checks.load_fields
    if not isinstance(data, Mapping) or data.keys() - {one.data_key for one in asked.values()}:
        return None
    clean = {}
    for one in asked.values():
        key = str(one.data_key)
        try:
            clean[key] = one.deserialize(data.get(key, missing), key, data)
        except ValidationError as error:
            # As in :func:`_load`: it and what raised it hold each other.
            error.__traceback__ = None
            return None
    return {key: value for key, value in clean.items() if value is not missing}


@dataclass(frozen=True)
class _Asked:
    """The fields that are asked, told apart by the file and the page they stand in."""

    sha256: str
    page: str
    fields: tuple[Field, ...] = field(compare=False)


@lru_cache(maxsize=256)
def _ready_schema(asked: _Asked, language: str, zone: tzinfo, today: date | None) -> Schema:
    """Building a schema takes longer than checking by it, so each is built once a day."""
    return _build_schema(asked.fields, Setting(language, zone, today))


def _build_schema(asked: Sequence[Field], setting: Setting) -> Schema:
    # Attribute names of our own keep a key such as "Meta" from meeting Schema's attributes.
    checks = {f"answer_{n}": build(field, setting) for n, field in enumerate(asked)}
    made: Schema = Schema.from_dict(dict(checks), name="Answers")(unknown=RAISE)
    made.error_messages = {
        **made.error_messages,
        "unknown": tell("unknown", setting.language),
        "type": tell("object", setting.language),
    }
    return made
