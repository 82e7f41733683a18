"""Reads a form-js file into a :class:`~forms.model.Form`, or refuses it with every reason."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any, Literal, cast

import re2

from forms.attributes import BY_TYPE, FORM, VALIDATE_BY_TYPE
from forms.defaults import read_default
from forms.model import (
    ANSWERED,
    CHOSEN,
    Component,
    Field,
    Form,
    FormRefused,
    Group,
    Judge,
    Names,
    Option,
    Static,
)
from forms.source import Findings, Node, read_json

MAX_COMPONENTS = 300
MAX_OPTIONS = 300
MAX_DEPTH = 2
OLDEST_VERSION = 18
"""Of form-js's schema, the first that is read."""
_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")
_ID = re.compile(r"[A-Za-z0-9_.\-]{1,100}")
_FORM_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_\-]{0,79}")
_LONGEST = {"textfield": (500, 500), "textarea": (5000, 20000)}


def load(source: bytes | str, key: str, judge: Judge | None = None) -> Form:
    """The form in that file; :class:`FormRefused` with all findings when it is not sound.

    ``key`` is the name that diagrams use for the form: the file's name and its ``id``. Conditions
    are looked at by ``judge``, if it is given.
    """
    values = read_json(source, key)
    found = Findings(judge=judge)
    node = Node("", values, found)
    _check_form(node, key)
    titles = node.at("properties").names("title")
    components = _read_components(node, (), 0)
    if found.errors:
        raise FormRefused(tuple(found.errors), key)
    digest = hashlib.sha256(source.encode() if isinstance(source, str) else source).hexdigest()
    return Form(key, titles, components, values, digest, tuple(found.warnings))


def _check_form(node: Node, key: str) -> None:
    if not _FORM_KEY.fullmatch(key):
        node.tell("name")
    if "id" in node.values and node.values["id"] != key:
        node.tell("form-id", name=key)
    if node.values.get("type", "default") != "default":
        node.tell("form-type")
    _refuse_unknown(node, FORM)
    _check_version(node)
    if not node.items("components"):
        node.tell("empty")


def _check_version(node: Node) -> None:
    """A file without a version is read as one of today."""
    version = node.values.get("schemaVersion", OLDEST_VERSION)
    if type(version) is not int or version < OLDEST_VERSION:
        node.tell("schema-version", oldest=OLDEST_VERSION)


def _refuse_unknown(node: Node, known: frozenset[str], place: str = "") -> None:
    for name in node.values:
        if name not in known:
            node.tell("attribute", name=f"{place}{name[:60]}")


def _read_components(node: Node, hide: tuple[str, ...], depth: int) -> tuple[Component, ...]:
    read = []
    for index, values in enumerate(node.items("components")):
        if len(node.found.ids) >= MAX_COMPONENTS:
            node.tell("too-many", limit=MAX_COMPONENTS)
            break
        component = _read_component(node, values, index, hide, depth)
        if component is not None:
            read.append(component)
    return tuple(read)


def _read_component(
    parent: Node, values: Any, index: int, hide: tuple[str, ...], depth: int
) -> Component | None:
    if not isinstance(values, dict):
        parent.tell("component-object", number=index + 1)
        return None
    node = _place(parent, values, index)
    kind = values.get("type")
    if not isinstance(kind, str) or kind not in BY_TYPE:
        node.tell("component", name=str(kind)[:40], known=", ".join(BY_TYPE))
        return None
    _refuse_unknown(node, BY_TYPE[kind])
    conditions = hide + _read_condition(node)
    if kind == "group":
        return _read_group(node, conditions, depth)
    return (
        _read_field(node, kind, conditions)
        if kind in ANSWERED
        else _read_static(node, kind, conditions)
    )


def _place(parent: Node, values: Mapping[str, Any], index: int) -> Node:
    """The component under its id, which must be a good one and its own."""
    found, value = parent.found, values.get("id")
    if not isinstance(value, str) or not _ID.fullmatch(value):
        known = values.get("key") if isinstance(values.get("key"), str) else ""
        about = Node(parent.id, values, found, parent.begins)
        about.tell("id", number=index + 1, name=str(known)[:60])
        value = f"#{len(found.ids)}"
    node = Node(value, values, found, parent.begins)
    if value in found.ids:
        node.tell("id-repeated")
    found.ids.add(value)
    return node


def _read_condition(node: Node) -> tuple[str, ...]:
    conditional = node.at("conditional")
    _refuse_unknown(conditional, frozenset({"hide"}), "conditional ")
    text = conditional.raw("hide")
    if text and (not text.startswith("=") or not text[1:].strip()):
        node.tell("hide")
        return ()
    condition = text[1:].strip()
    for code, words in node.found.judge(condition) if condition and node.found.judge else ():
        node.tell(code, **words)
    return (condition,) if condition else ()


def _read_group(node: Node, hide: tuple[str, ...], depth: int) -> Group | None:
    if depth >= MAX_DEPTH:
        node.tell("depth", limit=MAX_DEPTH)
        return None
    labels = node.names("label", node.at("properties").values)
    components = _read_components(node, hide, depth + 1)
    return Group(node.id, labels, components, hide, _read_columns(node))


def _read_static(node: Node, kind: str, hide: tuple[str, ...]) -> Static:
    texts: Names = node.names("text", node.at("properties").values) if kind == "text" else {}
    if kind == "text" and not texts:
        node.tell("text-empty")
    return Static(node.id, kind, texts, hide, _read_columns(node))


def _read_field(node: Node, kind: str, hide: tuple[str, ...]) -> Field:
    rules = node.at("validate")
    _refuse_unknown(rules, VALIDATE_BY_TYPE.get(kind, frozenset({"required"})), "validate ")
    shortest, longest = _read_lengths(rules, kind)
    if node.flag("serializeToString"):
        node.tell("serialise")
    draft = Field(
        id=node.id,
        key=_read_key(node),
        type=kind,
        labels=_read_labels(node, kind),
        descriptions=node.names("description", node.at("properties").values),
        required=rules.flag("required"),
        readonly=node.flag("readonly") or node.flag("disabled"),
        hide=hide,
        min_length=shortest,
        max_length=longest,
        pattern=_read_pattern(rules),
        kind=_read_kind(rules),
        minimum=rules.number("min"),
        maximum=rules.number("max"),
        decimals=node.whole("decimalDigits", 10),
        options=_read_options(node) if kind in CHOSEN else (),
        subtype=_read_subtype(node),
        not_past=node.flag("disallowPassedDates"),
        multiple=node.flag("multiple"),
        accept=node.text("accept"),
        columns=_read_columns(node),
        prefixes=_read_affix(node, "prefix"),
        suffixes=_read_affix(node, "suffix"),
        messages=_read_messages(node),
        refers_to=_read_reference(node, kind),
    )
    if not _can_be_met(draft):
        rules.tell("range")
    return read_default(node, draft)


def _can_be_met(draft: Field) -> bool:
    """Whether a number with so many decimal places lies between both bounds."""
    least, most = draft.minimum, draft.maximum
    if least is None or most is None:
        return True
    if draft.decimals is not None:
        step = Decimal(1).scaleb(-draft.decimals)
        least = least.quantize(step, ROUND_CEILING)
        most = most.quantize(step, ROUND_FLOOR)
    return least <= most


def _read_key(node: Node) -> str:
    key = node.values.get("key")
    if not isinstance(key, str) or not _KEY.fullmatch(key):
        node.tell("key")
        return ""
    if key in node.found.keys:
        node.tell("key-repeated", name=key)
    node.found.keys.add(key)
    return key


def _read_labels(node: Node, kind: str) -> Names:
    named = ("label", "dateLabel", "timeLabel") if kind == "datetime" else ("label",)
    name = next((one for one in named if node.values.get(one)), "label")
    labels = node.names(name, node.at("properties").values, "label")
    if not labels:
        node.tell("label")
    return labels


def _read_lengths(rules: Node, kind: str) -> tuple[int, int]:
    usual, most = _LONGEST.get(kind, (500, 500))
    shortest = rules.whole("minLength", most) or 0
    longest = rules.whole("maxLength", most)
    if longest is not None and longest < max(shortest, 1):
        rules.tell("length")
    return shortest, longest or usual


def _read_pattern(rules: Node) -> str:
    pattern = rules.raw("pattern")
    if pattern and compile_pattern(pattern) is None:
        rules.tell("pattern")
    return pattern


def compile_pattern(pattern: str) -> Any | None:
    """The compiled RE2 pattern; None when it is not valid. RE2 never runs away on any input."""
    options = re2.Options()
    options.log_errors = False
    options.max_mem = 1 << 20
    try:
        return re2.compile(pattern, options)
    except re2.error:
        return None


def _read_kind(rules: Node) -> Literal["", "email", "phone"]:
    kind = rules.raw("validationType")
    if kind in ("", "custom"):
        return ""
    if kind not in ("email", "phone"):
        rules.tell("validation-type", name=kind[:40])
        return ""
    return cast("Literal['email', 'phone']", kind)


def _read_subtype(node: Node) -> Literal["date", "time", "datetime"]:
    subtype = node.raw("subtype") or "date"
    if subtype not in ("date", "time", "datetime"):
        node.tell("subtype", name=subtype[:40])
        return "date"
    return cast("Literal['date', 'time', 'datetime']", subtype)


def _read_options(node: Node) -> tuple[Option, ...]:
    values = node.items("values")
    if not 0 < len(values) <= MAX_OPTIONS:
        node.tell("options", limit=MAX_OPTIONS)
    options = tuple(filter(None, (_read_option(node, one) for one in values[:MAX_OPTIONS])))
    if len({option.value for option in options}) < len(options):
        node.tell("option-repeated")
    return options


def _read_option(parent: Node, values: Any) -> Option | None:
    node = Node(parent.id, values if isinstance(values, dict) else {}, parent.found, parent.begins)
    value, labels = node.raw("value"), node.names("label")
    if not value or not labels or len(value) > 200:
        node.tell("option")
        return None
    return Option(value, labels, node.names("description"))


def _read_columns(node: Node) -> int:
    """The editor's sixteenths as twelfths."""
    columns = node.at("layout").whole("columns", 16)
    return round(columns * 12 / 16) or 1 if columns else 12


def _read_affix(node: Node, side: str) -> Names:
    look = node.at("appearance")
    _refuse_unknown(look, frozenset({"prefixAdder", "suffixAdder"}), "appearance ")
    own = node.at("properties")
    said = {"en": look.text(f"{side}Adder"), "fa": own.text(f"{side}_fa")}
    return {language: text for language, text in said.items() if text}


def _read_reference(node: Node, kind: str) -> str:
    said = node.at("properties").text("refers_to")
    if said and (kind != "textfield" or not _REFERENCE.fullmatch(said)):
        node.tell("refers-to", name=said)
    return said


_REFERENCE = re.compile(r"asset|problem|user|request(:[a-z0-9-]{1,80})?")


def _read_messages(node: Node) -> dict[str, Names]:
    properties = node.at("properties")
    own = {code: properties.names(code) for code in ("required", "pattern")}
    return {code: names for code, names in own.items() if names}
