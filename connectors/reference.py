"""What the documentation and the command line say of a kind, made from the kind itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from marshmallow import fields as kinds_of
from marshmallow import validate

from connectors.contract import Connector, Input, Repeats, Texts

_TITLES: Mapping[str, Texts] = {
    "options": {"en": "Options of a channel", "fa": "گزینه‌های کانال"},
    "inputs": {"en": "Inputs of a task", "fa": "ورودی‌های کار"},
    "results": {"en": "What a task gets back", "fa": "آنچه کار پس می‌گیرد"},
    "errors": {"en": "Errors that can be caught", "fa": "خطاهایی که می‌توان گرفت"},
    "task": {"en": "Type of the task", "fa": "نوع کار"},
    "able": {"en": "Can", "fa": "می‌تواند"},
    "repeats": {
        "en": "When nobody knows whether it arrived",
        "fa": "وقتی معلوم نیست رسیده باشد",
    },
    "required": {"en": "required", "fa": "لازم"},
    "secret": {"en": "secret", "fa": "محرمانه"},
}
REPEATS: Mapping[Repeats, Texts] = {
    "repeat": {
        "en": "it is sent again under the same reference",
        "fa": "با همان شناسه دوباره فرستاده می‌شود",
    },
    "ask": {
        "en": "the partner is asked by our reference first",
        "fa": "نخست با شناسهٔ ما از طرف مقابل پرسیده می‌شود",
    },
    "hold": {"en": "a person decides", "fa": "یک نفر تصمیم می‌گیرد"},
}
"""The stated policies in words."""


def describe(kind: Connector, language: str) -> str:
    """One kind as a section of Markdown."""
    return "\n".join(_lines(kind, language)) + "\n"


def _lines(kind: Connector, language: str) -> Iterator[str]:
    yield f"## {kind.names[language]}: `{kind.kind}`"
    yield from ("", kind.about[language], "")
    if kind.task_type:
        yield f"- {_TITLES['task'][language]}: `{kind.task_type}`"
    yield f"- {_TITLES['able'][language]}: {', '.join(sorted(kind.abilities))}"
    if kind.task_type:
        yield f"- {_TITLES['repeats'][language]}: {REPEATS[kind.repeats][language]}"
    options = (_option(name, one, language) for name, one in kind.Options().fields.items())
    yield from _table("options", language, options)
    yield from _table("inputs", language, (_input(one, language) for one in kind.inputs))
    for title, found in (("results", kind.results), ("errors", kind.errors)):
        yield from _table(title, language, ((f"`{k}`", t[language]) for k, t in found.items()))


def _table(title: str, language: str, rows: Iterable[tuple[str, str]]) -> Iterator[str]:
    found = list(rows)
    if found:
        yield from ("", f"**{_TITLES[title][language]}**", "", "| | |", "|---|---|")
        yield from (f"| {name} | {_cell(text)} |" for name, text in found)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _input(one: Input, language: str) -> tuple[str, str]:
    marks = [_TITLES["required"][language]] if one.required else []
    marks += ["FEEL"] if one.kind == "feel" else []
    marks += [f"`{value}` {label[language]}" for value, label in one.choices.items()]
    return f"`{one.name}`", _sentence(one.label, one.help, marks, language)


def _option(name: str, one: kinds_of.Field[Any], language: str) -> tuple[str, str]:
    told = one.metadata
    marks = [_TITLES["required"][language]] if one.required else []
    marks += [_TITLES["secret"][language]] if told.get("secret") else []
    marks += _choices(one, language)
    return f"`{name}`", _sentence(told.get("label") or {}, told.get("help") or {}, marks, language)


def _choices(one: kinds_of.Field[Any], language: str) -> list[str]:
    words = one.metadata.get("choices") or {}
    rules = (rule for rule in one.validators if isinstance(rule, validate.OneOf))
    found = (str(choice) for rule in rules for choice in rule.choices)
    return [f"`{one}` {words.get(one, {}).get(language, '')}".strip() for one in found]


def _sentence(label: Texts, hint: Texts, marks: list[str], language: str) -> str:
    found = label.get(language, "")
    found += f" ({', '.join(marks)})" if marks else ""
    told = hint.get(language, "")
    return f"{found}. {told}" if told else found
