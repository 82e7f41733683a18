"""Reads a form-js file into a :class:`~forms.model.Form`, or refuses it with every reason."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Any

from forms.attributes import BY_TYPE, FORM
from forms.field_reader import read_field
from forms.model import (
    ANSWERED,
    Component,
    Form,
    FormRefused,
    Group,
    Judge,
    Names,
    Static,
)
from forms.source import Findings, Node, read_json

MAX_COMPONENTS = 300
MAX_DEPTH = 2
OLDEST_VERSION = 18
"""Of form-js's schema, the first that is read."""
_ID = re.compile(r"[A-Za-z0-9_.\-]{1,100}")
_FORM_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_\-]{0,79}")


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
    node.refuse_unknown(FORM)
    _check_version(node)
    if not node.items("components"):
        node.tell("empty")


def _check_version(node: Node) -> None:
    """A file without a version is read as one of today."""
    version = node.values.get("schemaVersion", OLDEST_VERSION)
    if type(version) is not int or version < OLDEST_VERSION:
        node.tell("schema-version", oldest=OLDEST_VERSION)


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
    node.refuse_unknown(BY_TYPE[kind])
    conditions = hide + _read_condition(node)
    if kind == "group":
        return _read_group(node, conditions, depth)
    return (
        read_field(node, kind, conditions)
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
    conditional.refuse_unknown(frozenset({"hide"}), "conditional ")
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
    return Group(node.id, labels, components, hide, node.columns())


def _read_static(node: Node, kind: str, hide: tuple[str, ...]) -> Static:
    texts: Names = node.names("text", node.at("properties").values) if kind == "text" else {}
    if kind == "text" and not texts:
        node.tell("text-empty")
    return Static(node.id, kind, texts, hide, node.columns())
