"""Texts of a diagram that are FEEL when they begin with ``=`` and plain text otherwise.

All evaluation in the engine passes through here, so a failure of any kind becomes a ``Fault``
with the expression in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bpmn import feel
from bpmn.instance import Fault

if TYPE_CHECKING:
    from bpmn.instance import Context

# What an evaluation or a function given by the caller may raise; all else is a mistake of ours.
_FAILURES = (feel.FeelError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError)


@dataclass(frozen=True)
class Expression:
    """A text as written; ``compiled`` is None for plain text."""

    text: str
    compiled: feel.Expression | None = field(default=None, repr=False, compare=False)


def expression(text: str) -> Expression:
    """The text, compiled when it is FEEL; raises ``FeelSyntaxError``."""
    stripped = text.strip()
    if stripped.startswith("="):
        return Expression(stripped, feel.compile(stripped[1:].strip()))
    return Expression(stripped)


def is_feel(text: str) -> bool:
    """Whether a text is an expression rather than a plain text."""
    return text.strip().startswith("=")


def evaluate_raw(said: Expression, seen: Mapping[str, Any], context: Context) -> Any:
    """The FEEL value of an expression, or the plain text itself; may raise ``Fault``."""
    if said.compiled is None:
        return said.text
    try:
        value = said.compiled.evaluate(seen, now=context.now, functions=context.functions)
    except _FAILURES as error:
        raise Fault("expression", str(error) or type(error).__name__, said.text) from error
    if isinstance(value, feel.Function):
        # A variable that is missing and named like a built-in, such as number or count.
        raise Fault("expression", f"{said.text} is a function, not a value.", said.text)
    return value


def reasons(said: Expression, seen: Mapping[str, Any], context: Context) -> str:
    """Why an expression gave null, in the words of FEEL's warnings; empty when it cannot say."""
    if said.compiled is None:
        return ""
    result = said.compiled.examine(seen, now=context.now, functions=context.functions)
    return "; ".join(dict.fromkeys(warning.message for warning in result.warnings))


def evaluate(said: Expression, seen: Mapping[str, Any], context: Context) -> Any:
    """The value as JSON holds it, to be kept in a variable."""
    return feel.to_json(evaluate_raw(said, seen, context))


def text_of(said: Expression | None, seen: Mapping[str, Any], context: Context) -> str | None:
    """The value as a text; None when nothing is said or the value is null or empty."""
    if said is None:
        return None
    value = evaluate(said, seen, context)
    if isinstance(value, dict | list):
        raise Fault("text", "The expression gave a list or context instead of a text.", said.text)
    return None if value is None or value == "" else str(value)


def number_of(
    said: Expression | None, seen: Mapping[str, Any], context: Context, default: int
) -> int:
    """The value as a whole number; the default when nothing is said or the value is null."""
    text = text_of(said, seen, context)
    if said is None or text is None:
        return default
    try:
        return int(float(text))
    except (ValueError, OverflowError) as error:
        raise Fault("number", f"{text} is not a whole number.", said.text) from error


def names_of(said: Expression | None, seen: Mapping[str, Any], context: Context) -> list[str]:
    """The value as a list of names: a FEEL list, or names with commas between them."""
    if said is None:
        return []
    value = evaluate(said, seen, context)
    if isinstance(value, str):
        value = value.split(",")
    if isinstance(value, dict | bool | int | float):
        raise Fault("names", "The expression gave no list of names.", said.text)
    items = [str(item).strip() for item in value or [] if item is not None]
    return list(dict.fromkeys(item for item in items if item))
