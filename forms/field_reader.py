"""Reads one field of a form-js file: its key, its labels, its rules and its options."""

from __future__ import annotations

import re
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any, Literal, cast

import re2

from forms.attributes import VALIDATE_BY_TYPE
from forms.defaults import read_default
from forms.model import CHOSEN, Field, Names, Option
from forms.source import Node

MAX_OPTIONS = 300
_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")
_LONGEST = {"textfield": (500, 500), "textarea": (5000, 20000)}


def read_field(node: Node, kind: str, hide: tuple[str, ...]) -> Field:
    """The field that the node describes; what is wrong with it is among the findings."""
    rules = node.at("validate")
    rules.refuse_unknown(VALIDATE_BY_TYPE.get(kind, frozenset({"required"})), "validate ")
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
        columns=node.columns(),
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


def _read_affix(node: Node, side: str) -> Names:
    look = node.at("appearance")
    look.refuse_unknown(frozenset({"prefixAdder", "suffixAdder"}), "appearance ")
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
