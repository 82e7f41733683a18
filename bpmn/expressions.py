"""Texts of a diagram that are FEEL when they begin with ``=`` and plain text otherwise.

All evaluation in the engine passes through here, so a failure of any kind becomes a ``Fault``
with the expression in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from bpmn import feel
from bpmn.instance import Fault
from bpmn.limits import NAME, NAMES, SHORT
from bpmn.model import Names

if TYPE_CHECKING:
    from bpmn.instance import Context

# What an evaluation or a function given by the caller may raise; all else is a mistake of ours.
_FAILURES = (feel.FeelError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError)


@dataclass(frozen=True)
class Expression:
    """A text as written; ``compiled`` is None for plain text."""

    text: str
    compiled: feel.Expression | None = field(default=None, repr=False, compare=False)
    way: tuple[str, ...] = field(default=(), repr=False, compare=False)
    """Where it only names a variable or a field of one, ``a.b``: the names on the way to it."""


@lru_cache(maxsize=4096)
def expression(text: str) -> Expression:
    """The text, compiled when it is FEEL; raises ``FeelSyntaxError``."""
    stripped = text.strip()
    if stripped.startswith("="):
        compiled = feel.compile(stripped[1:].strip())
        return Expression(stripped, compiled, compiled.way)
    return Expression(stripped)


def is_feel(text: str) -> bool:
    """Whether a text is an expression rather than a plain text."""
    return text.strip().startswith("=")


def evaluate_raw(said: Expression, seen: Mapping[str, Any], context: Context) -> Any:
    """The FEEL value of an expression, or the plain text itself; may raise ``Fault``."""
    if said.compiled is None:
        return said.text
    found = _read(said.way, seen)
    if found is not _ASKED_IN_VAIN:
        return found
    try:
        value = said.compiled.evaluate(seen, now=context.now, functions=context.functions)
    except _FAILURES as error:
        raise _failed(said, error) from error
    if isinstance(value, feel.Function):
        # A variable that is missing and named like a built-in, such as number or count.
        raise Fault("expression", f"{said.text} is a function, not a value.", said.text,
                    f"{said.text} تابع است، نه مقدار.")  # fmt: skip
    return value


def _read(way: tuple[str, ...], seen: Any) -> Any:
    """A text, a truth value or null that stands in a variable: it is the same in FEEL and in JSON,
    so nothing need be evaluated. Many mappings and conditions do no more than name one."""
    if not way:
        return _ASKED_IN_VAIN
    for name in way:
        if type(seen) is not dict or name not in seen:
            return _ASKED_IN_VAIN
        seen = seen[name]
    return seen if seen is None or type(seen) in _SAME else _ASKED_IN_VAIN


_ASKED_IN_VAIN = object()
_SAME = frozenset({str, bool})


def _failed(said: Expression, error: Exception) -> Fault:
    words = error.messages if isinstance(error, feel.FeelError) else {}
    text = str(error) or type(error).__name__
    return Fault("expression", words.get("en", text), said.text, words.get("fa"))


def reasons(said: Expression, seen: Mapping[str, Any], context: Context) -> Names:
    """Why an expression gave null, in the words of FEEL's warnings; empty when it cannot say."""
    if said.compiled is None:
        return told(())
    try:
        result = said.compiled.examine(seen, now=context.now, functions=context.functions)
    except _FAILURES:
        return told(())
    return told(result.warnings)


def told(warnings: Iterable[feel.FeelWarning]) -> Names:
    """All warnings in one line, each sentence once."""
    words = [warning.messages for warning in warnings]
    return {
        "en": "; ".join(dict.fromkeys(one["en"] for one in words)),
        "fa": "؛ ".join(dict.fromkeys(one["fa"] for one in words)),
    }


def evaluate(said: Expression, seen: Mapping[str, Any], context: Context) -> Any:
    """The value as JSON holds it, to be kept in a variable."""
    value = evaluate_raw(said, seen, context)
    if value is None or type(value) is bool:
        return value
    try:
        return feel.to_json(value)
    except _FAILURES as error:
        raise _failed(said, error) from error


ABSENT = frozenset({"NO_VARIABLE", "NULL_PATH"})
"""Warnings that only say that something is not there, for which null is a fair answer."""


def compute(said: Expression, seen: Mapping[str, Any], context: Context) -> Any:
    """The value of a script. Null because an operation was not defined is a ``Fault``: a
    calculation that went wrong must not go on as "nothing"."""
    value = evaluate(said, seen, context)
    if value is None and said.compiled is not None:
        result = said.compiled.examine(seen, now=context.now, functions=context.functions)
        wrong = told(w for w in result.causes if w.code not in ABSENT)
        if wrong["en"]:
            raise Fault("expression", wrong["en"], said.text, wrong["fa"])
    return value


def text_of(
    said: Expression | None, seen: Mapping[str, Any], context: Context, limit: int = NAME
) -> str | None:
    """The value as FEEL prints it; None when nothing is said or the value is null or empty."""
    if said is None:
        return None
    value = evaluate(said, seen, context)
    if isinstance(value, dict | list):
        raise Fault("text", "The expression gave a list or context instead of a text.", said.text,
                    "عبارت به‌جای متن، فهرست یا مجموعهٔ نام‌ومقدار داد.")  # fmt: skip
    text = feel.text(feel.from_json(value))
    _check_length(text, limit, said)
    return None if value is None or not text else text


def _check_length(text: str, limit: int, said: Expression) -> None:
    if len(text) > limit:
        raise Fault("long", f"The text has more than {limit} characters.", said.text,
                    f"متن بیش از {limit} نویسه دارد.")  # fmt: skip


def number_of(
    said: Expression | None,
    seen: Mapping[str, Any],
    context: Context,
    default: int,
    most: int,
) -> int:
    """A whole number from zero to ``most``; the default when nothing is said or it is null."""
    text = text_of(said, seen, context)
    if said is None or text is None:
        return default
    try:
        number = int(float(text))
    except (ValueError, OverflowError) as error:
        raise Fault("number", f"{text} is not a whole number.", said.text,
                    f"{text} عدد درست نیست.") from error  # fmt: skip
    if not 0 <= number <= most:
        raise Fault("number", f"{text} does not lie between 0 and {most}.", said.text,
                    f"{text} میان 0 و {most} نیست.")  # fmt: skip
    return number


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
    for item in items:
        _check_length(item, SHORT, said)
    names = list(dict.fromkeys(item for item in items if item))
    if len(names) > NAMES:
        raise Fault("names", f"The list has more than {NAMES} names.", said.text)
    return names
