"""What is said of a decision table, in English and Persian, by the rule that it breaks."""

from __future__ import annotations

from typing import Any, Literal

Severity = Literal["error", "warning"]

_SENTENCES: dict[str, tuple[Severity, str, str]] = {
    "dmn.cell-type": (
        "error",
        "Rule {rule}, column “{column}”: {text} is {kind}, but the column is {wanted}, so it would"
        " never match; change the cell or the type of the column.",
        "قاعدهٔ {rule}، ستون «{column}»: {text} {kind} است ولی ستون {wanted} است و هرگز جور"
        " نمی‌شود؛ خانه یا نوع ستون را درست کنید.",
    ),
    "dmn.cell-constant": (
        "error",
        "Rule {rule}, column “{column}”: {text} has no value: {why}.",
        "قاعدهٔ {rule}، ستون «{column}»: {text} مقداری ندارد: {why}.",
    ),
    "dmn.cell-never": (
        "warning",
        "Rule {rule}, column “{column}”: nothing can ever match {text}; correct the cell or remove"
        " the rule.",
        "قاعدهٔ {rule}، ستون «{column}»: هیچ مقداری با {text} جور نمی‌شود؛ خانه را درست کنید یا"
        " قاعده را بردارید.",
    ),
    "dmn.output-type": (
        "error",
        "Rule {rule}, output “{column}”: {text} is {kind}, but the output is {wanted}.",
        "قاعدهٔ {rule}، خروجی «{column}»: {text} {kind} است ولی خروجی {wanted} است.",
    ),
    "dmn.output-value": (
        "error",
        "Rule {rule}, output “{column}”: {text} is not among the values that are allowed; add it to"
        " the list or correct the cell.",
        "قاعدهٔ {rule}، خروجی «{column}»: {text} در فهرست مقدارهای مجاز نیست؛ آن را به فهرست"
        " بیفزایید یا خانه را درست کنید.",
    ),
    "dmn.output-constant": (
        "error",
        "Rule {rule}, output “{column}”: {text} has no value: {why}.",
        "قاعدهٔ {rule}، خروجی «{column}»: {text} مقداری ندارد: {why}.",
    ),
    "dmn.overlap": (
        "error",
        "Rules {other} and {rule} match together ({where}), but the hit policy UNIQUE allows one at"
        " most; narrow one of them or choose FIRST.",
        "قاعده‌های {other} و {rule} با هم جور می‌شوند ({where})، ولی سیاست UNIQUE تنها یکی را"
        " می‌پذیرد؛ یکی را تنگ‌تر کنید یا FIRST را برگزینید.",
    ),
    "dmn.overlap-maybe": (
        "warning",
        "Rules {other} and {rule} match together when a value is missing or of another type"
        " ({where}), but the hit policy UNIQUE allows one at most.",
        "اگر مقداری نباشد یا از نوع دیگری باشد، قاعده‌های {other} و {rule} با هم جور می‌شوند"
        " ({where})، ولی سیاست UNIQUE تنها یکی را می‌پذیرد.",
    ),
    "dmn.overlap-any": (
        "error",
        "Rules {other} and {rule} match together ({where}) and give different outputs, but the hit"
        " policy ANY wants equal ones.",
        "قاعده‌های {other} و {rule} با هم جور می‌شوند ({where}) و خروجی‌های گوناگون می‌دهند، ولی"
        " سیاست ANY خروجی‌های یکسان می‌خواهد.",
    ),
    "dmn.gap": (
        "warning",
        "No rule matches when {where}; add a rule, or a last one with “-” in every column.",
        "هنگامی که {where} هیچ قاعده‌ای جور نمی‌شود؛ قاعده‌ای بیفزایید، یا قاعدهٔ آخری که همهٔ"
        " ستون‌هایش «-» باشد.",
    ),
    "dmn.unreachable": (
        "warning",
        "Rule {rule} is never reached: {others} already match all that it matches; move it up or"
        " remove it.",
        "قاعدهٔ {rule} هرگز به کار نمی‌آید: {others} همهٔ آنچه با آن جور است را پیش‌تر می‌گیرند؛"
        " آن را بالاتر ببرید یا بردارید.",
    ),
    "dmn.duplicate": (
        "warning",
        "Rule {rule} says the same as rule {other}; remove one of them.",
        "قاعدهٔ {rule} همان قاعدهٔ {other} است؛ یکی را بردارید.",
    ),
    "dmn.more": (
        "warning",
        "… and {count} more of this kind in this table.",
        "… و {count} مورد دیگر از همین گونه در این جدول.",
    ),
}


def said(rule: str, en: dict[str, Any], fa: dict[str, Any] | None = None) -> tuple[str, str, str]:
    """The severity and the sentence in English and Persian."""
    severity, english, persian = _SENTENCES[rule]
    return severity, english.format(**en), persian.format(**{**en, **(fa or {})})
