"""Functions on strings (DMN 1.5, 10.3.4.3); positions count characters from one."""

from __future__ import annotations

from decimal import Decimal

from bpmn.feel import patterns
from bpmn.feel.builtins.signature import builtin
from bpmn.feel.errors import Undefined
from bpmn.feel.limits import Run, check_text
from bpmn.feel.numbers import truncated
from bpmn.feel.values import Value


@builtin("substring(string: string, start position: number, length?: number)")
def substring(string: str, start: Decimal, length: Decimal | None = None) -> Value:
    first = truncated(start, "The start position")
    if first == 0 or abs(first) > len(string):
        raise Undefined("OUT_OF_RANGE", "The string has no position {0}", first)
    begin = first - 1 if first > 0 else len(string) + first
    if length is None:
        return string[begin:]
    count = truncated(length, "The length")
    if count < 1:
        raise Undefined("OUT_OF_RANGE", "The length must be positive")
    return string[begin : begin + count]


@builtin("string length(string: string)")
def string_length(string: str) -> Value:
    return Decimal(len(string))


@builtin("upper case(string: string)")
def upper_case(string: str) -> Value:
    return string.upper()


@builtin("lower case(string: string)")
def lower_case(string: str) -> Value:
    return string.lower()


@builtin("trim(string: string)")
def trim(string: str) -> Value:
    return string.strip()


@builtin("is blank(string: string)")
def is_blank(string: str) -> Value:
    return not string.strip()


@builtin("substring before(string: string, match: string)")
def substring_before(string: str, match: str) -> Value:
    head, found, _ = string.partition(match) if match else ("", "", "")
    return head if found else ""


@builtin("substring after(string: string, match: string)")
def substring_after(string: str, match: str) -> Value:
    if not match:
        return string
    return string.partition(match)[2]


@builtin("contains(string: string, match: string)")
def contains(string: str, match: str) -> Value:
    return match in string


@builtin("starts with(string: string, match: string)")
def starts_with(string: str, match: str) -> Value:
    return string.startswith(match)


@builtin("ends with(string: string, match: string)")
def ends_with(string: str, match: str) -> Value:
    return string.endswith(match)


@builtin("matches(input/string: string, pattern: string, flags?: string|null)")
def matches(string: str, pattern: str, flags: str | None = None) -> Value:
    return patterns.search(string, pattern, flags or "")


@builtin("replace(input/string: string, pattern: string, replacement: string, flags?: string|null)")
def replace(
    run: Run, string: str, pattern: str, replacement: str, flags: str | None = None
) -> Value:
    run.spend(len(string) // 10)
    return patterns.replace(run, string, pattern, replacement, flags or "")


@builtin("split(string/input: string, delimiter: string)")
def split(run: Run, string: str, delimiter: str) -> Value:
    run.spend(len(string) // 10)
    return patterns.split(string, delimiter, run)


@builtin("extract(input/string: string, pattern: string)")
def extract(run: Run, string: str, pattern: str) -> Value:
    run.spend(len(string) // 10)
    return patterns.extract(string, pattern, run)


@builtin("string join(list: list, delimiter?: string|null)")
def string_join(run: Run, items: list[Value], delimiter: str | None = None) -> Value:
    run.spend(len(items))
    parts = [item for item in items if item is not None]
    if not all(isinstance(part, str) for part in parts):
        raise Undefined("ARGUMENT_TYPE", "string join() takes a list of strings")
    check_text(sum(map(len, parts)) + len(parts) * len(delimiter or ""))
    return (delimiter or "").join(parts)
