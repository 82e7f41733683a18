"""Small forms that the tests of this room share."""

from __future__ import annotations

import json
from typing import Any

from forms import Form, load


def make(*components: dict[str, Any], **top: Any) -> Form:
    """A form of these components, each given an id and labels where it has none."""
    return load(write(*components, **top), "sample")


def write(*components: dict[str, Any], **top: Any) -> str:
    """The same as the text of a file."""
    whole = [name(component, n) for n, component in enumerate(components)]
    return json.dumps({"type": "default", "components": whole, **top})


def name(component: dict[str, Any], n: int) -> dict[str, Any]:
    kind = component.get("type")
    usual: dict[str, Any] = {"id": f"C_{n}"}
    if kind not in ("text", "separator", "spacer"):
        usual |= {"label": f"Label {n}", "properties": {"label_fa": f"برچسب {n}"}}
    if kind in ("radio", "select", "checklist", "taglist"):
        usual["values"] = OPTIONS
    return {**usual, **component}


OPTIONS = [
    {"value": "a", "label": "Apple", "label_fa": "سیب"},
    {"value": "b", "label": "Pear", "label_fa": "گلابی"},
    {"value": "c", "label": "Quince", "label_fa": "به"},
]


def ask(type_: str, key: str = "x", **more: Any) -> dict[str, Any]:
    """One component."""
    return {"type": type_, "key": key, **more}


EVERY_TYPE = [
    ask("textfield", "name", validate={"required": True, "minLength": 2, "maxLength": 50}),
    ask("textfield", "mail", validate={"validationType": "email"}),
    ask("textfield", "phone", validate={"validationType": "phone"}),
    ask("textfield", "serial", validate={"pattern": "^[A-Z]{2}[0-9]{3}$"}),
    ask("textarea", "story", validate={"maxLength": 8000}),
    ask("number", "amount", validate={"min": 1, "max": 5_000_000}, decimalDigits=2),
    ask("checkbox", "agreed"),
    ask("checklist", "fruits"),
    ask("taglist", "tags"),
    ask("radio", "one", validate={"required": True}),
    ask("select", "other"),
    ask("datetime", "since", subtype="date"),
    ask("datetime", "hour", subtype="time"),
    ask("datetime", "visit", subtype="datetime"),
    ask("filepicker", "proof", multiple=True),
    {"type": "text", "text": "# Read\n\nthis **now**", "properties": {"text_fa": "بخوانید"}},
    {"type": "separator"},
    {"type": "spacer", "height": 30},
]
