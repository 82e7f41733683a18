"""Element templates: what the modeler offers for a service task of each kind of connector.

Their form is that of the cloud element templates of the zeebe dialect, so that the desktop
modeler and our own designer read them alike.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from connectors.contract import Connector, Input, Texts

SCHEMA = "https://unpkg.com/@camunda/zeebe-element-templates-json-schema/resources/schema.json"
VERSION = 1

_WORDS: Mapping[str, Texts] = {
    "channel": {"en": "Channel", "fa": "کانال"},
    "channel_help": {
        "en": "The key of a channel; left empty, the default one.",
        "fa": "کلید یک کانال؛ اگر خالی بماند، کانال پیش‌فرض.",
    },
    "send": {"en": "What is sent", "fa": "آنچه فرستاده می‌شود"},
    "way": {"en": "By which way", "fa": "از کدام راه"},
    "result": {"en": "What comes back", "fa": "آنچه برمی‌گردد"},
    "into": {"en": "Name of the variable that takes it", "fa": "نام متغیری که آن را می‌گیرد"},
    "errors": {"en": "Errors that can be caught", "fa": "خطاهایی که می‌توان گرفت"},
}


def element_templates(kinds: Iterable[Connector], language: str) -> list[dict[str, Any]]:
    """One template for each kind, in ``fa`` or ``en``; a modeler reads the list as one file."""
    return [element_template(kind, language) for kind in kinds if kind.task_type]


def element_template(kind: Connector, language: str) -> dict[str, Any]:
    """The template of one kind."""
    return {
        "$schema": SCHEMA,
        "name": kind.names[language],
        "id": f"peygir.{kind.kind}",
        "version": VERSION,
        "description": _description(kind, language),
        "appliesTo": ["bpmn:Task", "bpmn:ServiceTask", "bpmn:SendTask"],
        "elementType": {"value": "bpmn:ServiceTask"},
        "groups": groups(language),
        "properties": list(_properties(kind, language)),
    }


def groups(language: str) -> list[dict[str, str]]:
    """Under which headings the properties stand."""
    return [{"id": key, "label": _WORDS[key][language]} for key in ("way", "send", "result")]


def _description(kind: Connector, language: str) -> str:
    about = kind.about[language]
    if not kind.errors:
        return about
    codes = ", ".join(f"{code} ({label[language]})" for code, label in kind.errors.items())
    return f"{about} {_WORDS['errors'][language]}: {codes}."


def _properties(kind: Connector, language: str) -> Iterator[dict[str, Any]]:
    yield {
        "type": "Hidden",
        "value": kind.task_type,
        "binding": {"type": "zeebe:taskDefinition", "property": "type"},
    }
    yield {
        "id": "channel", "label": _WORDS["channel"][language], "type": "String", "group": "way",
        "description": _WORDS["channel_help"][language], "optional": True,
        "binding": {"type": "zeebe:taskHeader", "key": "channel"},
    }  # fmt: skip
    yield from (bound_input(one, language) for one in kind.inputs)
    yield from (bound_result(name, label, language) for name, label in kind.results.items())


def bound_input(one: Input, language: str) -> dict[str, Any]:
    """The property of one input, bound to the target of an input mapping."""
    found: dict[str, Any] = {
        "id": f"input.{one.name}", "label": one.label[language], "group": "send",
        **_typed(one, language), "binding": {"type": "zeebe:input", "name": one.name},
    }  # fmt: skip
    if one.help:
        found["description"] = one.help[language]
    if one.default is not None:
        found["value"] = literal(one.default)
    # Of a field that is neither needed nor filled in no mapping is written.
    found |= {"constraints": {"notEmpty": True}} if one.required else {"optional": True}
    return found


def _typed(one: Input, language: str) -> dict[str, Any]:
    if one.kind == "choice":
        choices = one.choices.items()
        return {"type": "Dropdown", "choices": [
            {"name": label[language], "value": literal(value)} for value, label in choices
        ]}  # fmt: skip
    # Our own lint takes no source of a mapping that is no FEEL, so the modeler asks for it.
    return {"type": "Text", "feel": "required"}


def literal(text: str) -> str:
    """A text as the source of a mapping: FEEL, in quotes."""
    return f"={json.dumps(text, ensure_ascii=False)}"


def bound_result(name: str, label: Texts, language: str) -> dict[str, Any]:
    """The property that puts one result into a variable."""
    return {
        "id": f"result.{name}", "label": label[language], "type": "String", "group": "result",
        "description": _WORDS["into"][language], "optional": True,
        "binding": {"type": "zeebe:output", "source": f"={name}"},
    }  # fmt: skip
