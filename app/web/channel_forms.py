"""The form of a channel, made from the options of its kind: labels, help, choices, secrets."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from flask import request
from flask_babel import gettext as _
from marshmallow import fields as kinds_of
from marshmallow import validate
from werkzeug.datastructures import MultiDict

from app.errors import Invalid
from app.i18n import current_language, pick_text, read_digits
from app.services.sending import channel_policy, channels
from app.services.sending.channel_settings import Draft
from app.services.sending.channels import Way
from connectors.contract import Connector

Shape = Literal[
    "text", "number", "check", "choice", "lines", "long", "json", "secret", "time", "document"
]


@dataclass(frozen=True)
class Box:
    """One field of the form."""

    name: str
    """``options.host``: the name that a finding has, too."""
    shape: Shape
    label: str
    hint: str
    required: bool
    value: Any = None
    """What it shows; never a secret."""
    choices: Sequence[tuple[str, str]] = ()
    is_set: bool = False
    """Of a secret: whether there is one."""
    is_long: bool = False
    """Of a secret: whether it has several lines, as a key has."""
    is_apart: bool = False
    """Whether it means nothing beside what was chosen in another field."""


@dataclass(frozen=True)
class Typed:
    """What the page shows: what was typed, or what is kept."""

    options: Mapping[str, Any] = field(default_factory=dict)
    policy: Mapping[str, Any] = field(default_factory=dict)
    secrets: frozenset[str] = frozenset()
    """Those that are set."""


def kept(way: Way, connector: Connector) -> Typed:
    """What the form shows of a channel."""
    known = connector.secret_names() & channels.set_secrets(way)
    return Typed(way.options, channel_policy.dump(way.policy), known)


def boxes(connector: Connector, typed: Typed) -> list[Box]:
    """The fields of the kind's own options."""
    found = connector.Options().fields
    values = {name: typed.options.get(name, _default(one)) for name, one in found.items()}
    made = [
        _box("options", name, one, values[name], name in typed.secrets)
        for name, one in found.items()
    ]
    return [
        replace(box, is_apart=_is_apart(one, values))
        for box, one in zip(made, found.values(), strict=True)
    ]


def _is_apart(one: kinds_of.Field[Any], values: Mapping[str, Any]) -> bool:
    other, wanted = one.metadata.get("only_with") or (None, None)
    return other is not None and values.get(other) != wanted


def policy_boxes(connector: Connector, typed: Typed) -> list[Box]:
    """The fields of how a channel is used; quiet hours where people are written to."""
    found = channel_policy.Policy().fields.items()
    writes = "send" in connector.abilities
    return [
        _box("policy", name, one, typed.policy.get(name, _default(one)), False)
        for name, one in found
        if writes or not name.startswith("quiet_")
    ]


def _default(one: kinds_of.Field[Any]) -> Any:
    made = one.dump_default if one.load_default is None else one.load_default
    made = made() if callable(made) else made
    return made if isinstance(made, str | int | float | list | dict) else None


def _box(where: str, name: str, one: kinds_of.Field[Any], value: Any, is_set: bool) -> Box:
    language, shape = current_language(), _shape(one)
    told = one.metadata
    return Box(
        f"{where}.{name}", shape,
        pick_text(told.get("label"), language) or name, pick_text(told.get("help"), language),
        one.required and shape != "secret", _shown(shape, value), _choices(one), is_set,
        bool(one.metadata.get("long")),
    )  # fmt: skip


def _shape(one: kinds_of.Field[Any]) -> Shape:
    for mark in ("secret", "document"):
        if one.metadata.get(mark):
            return mark
    if _one_of(one) is not None:
        return "choice"
    for kind, shape in _SHAPES:
        if isinstance(one, kind):
            return shape
    return "long" if one.metadata.get("long") else "text"


_SHAPES: tuple[tuple[type[kinds_of.Field[Any]], Shape], ...] = (
    (kinds_of.Boolean, "check"),
    (kinds_of.Integer, "number"),
    (kinds_of.Time, "time"),
    (kinds_of.List, "lines"),
    (kinds_of.Mapping, "json"),
    (kinds_of.Nested, "json"),
)


def _one_of(one: kinds_of.Field[Any]) -> validate.OneOf | None:
    return next((rule for rule in one.validators if isinstance(rule, validate.OneOf)), None)


def _choices(one: kinds_of.Field[Any]) -> list[tuple[str, str]]:
    rule = _one_of(one)
    if rule is None:
        return []
    words = one.metadata.get("choices") or {}
    return [(str(c), pick_text(words.get(c), current_language()) or str(c)) for c in rule.choices]


def _shown(shape: Shape, value: Any) -> Any:
    if shape == "secret" or value is None:
        return None
    if shape == "lines" and isinstance(value, list | tuple):
        plain = all(isinstance(one, str | int | float) for one in value)
        return "\n".join(map(str, value)) if plain else _json(value)
    return _json(value) if shape == "json" and not isinstance(value, str) else value


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1) if value else ""


def draft(key: str, connector: Connector, base: int) -> tuple[Draft, Typed]:
    """What the page sent, and how the form shows it again; raises Invalid for a text that should
    be JSON."""
    form, wrong = request.form, dict[str, list[str]]()
    options = _read(form, "options", connector.Options().fields, wrong)
    policy = _read(form, "policy", channel_policy.Policy().fields, wrong)
    secrets = _secrets(form, connector)
    names = {code: form.get(f"name_{code}", "").strip() for code in ("fa", "en")}
    made = Draft(
        key, connector.kind, {code: name for code, name in names.items() if name}, options, secrets,
        policy, enabled="enabled" in form, is_default="is_default" in form, base=base,
    )  # fmt: skip
    if wrong:
        raise Invalid(wrong)
    return made, typed(connector)


def typed(connector: Connector) -> Typed:
    """What was typed, to be shown again; secrets are typed anew."""
    found: dict[str, dict[str, Any]] = {"options": {}, "policy": {}}
    for where, schema in (("options", connector.Options()), ("policy", channel_policy.Policy())):
        for name, one in schema.fields.items():
            text = request.form.get(f"{where}.{name}", "")
            found[where][name] = text == "on" if _shape(one) == "check" else text
    return Typed(found["options"], found["policy"], frozenset(request.form.getlist("is_set")))


def _read(
    form: MultiDict[str, str],
    where: str,
    known: Mapping[str, kinds_of.Field[Any]],
    wrong: dict[str, list[str]],
) -> dict[str, Any]:
    """What stands in the form, by name; what was left empty takes its default."""
    found: dict[str, Any] = {}
    for name, one in known.items():
        text = form.get(f"{where}.{name}", "").strip()
        shape = _shape(one)
        if shape == "check":
            found[name] = bool(text)
        elif text and shape != "secret":
            try:
                found[name] = _value(shape, one, text)
            except ValueError:
                wrong[f"{where}.{name}"] = [_("This is not JSON.")]
    return found


def _value(shape: Shape, one: kinds_of.Field[Any], text: str) -> Any:
    if shape in ("number", "time"):
        return read_digits(text)
    if shape == "json" or (shape == "lines" and text.startswith("[") and _holds_maps(one)):
        return json.loads(text)
    if shape == "lines" and isinstance(one, kinds_of.List):
        return [line.strip() for line in text.splitlines() if line.strip()]
    return text.replace("\r\n", "\n")


def _holds_maps(one: kinds_of.Field[Any]) -> bool:
    inner = one.inner if isinstance(one, kinds_of.List) else None
    return isinstance(inner, kinds_of.Mapping | kinds_of.Nested)


def _secrets(form: MultiDict[str, str], connector: Connector) -> dict[str, Any]:
    """New secrets; one left empty stays, one that is ticked goes."""
    found: dict[str, Any] = {}
    for name in connector.secret_names():
        text = form.get(f"options.{name}", "")
        if text:
            found[name] = text.replace("\r\n", "\n")
        elif f"forget.{name}" in form:
            found[name] = None
    return found
