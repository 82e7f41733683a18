"""Regular expressions by XPath's syntax, on an engine that cannot backtrack for ever (RE2).

Back references (``\\1``) are what such an engine cannot have: a pattern with one runs on a small
matcher of our own, which counts its steps.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import re2

from bpmn.feel.classes import read_class, read_escape
from bpmn.feel.errors import Undefined
from bpmn.feel.limits import Run, check_list, check_text
from bpmn.feel.references import build, has_references

_FLAGS = frozenset("smixq")
_MAX_PATTERN = 2_000
_MEMORY = 8 << 20
_REFERENCE = re.compile(r"\\(.)|\$([0-9]+)|([\\$])", re.DOTALL)
_SPACES = " \t\r\n"


def search(text: str, pattern: str, flags: str) -> bool:
    """Whether the pattern occurs in the text."""
    return bool(compiled(pattern, flags).search(text))


def replace(run: Run, text: str, pattern: str, replacement: str, flags: str) -> str:
    """The text with every match replaced; ``$1`` stands for a group, ``\\$`` for a dollar."""
    expression = compiled(pattern, flags)
    if expression.search("") is not None:
        raise Undefined("PATTERN", "The pattern matches the empty string")
    pieces = [replacement] if "q" in flags else _pieces(replacement, expression.groups)
    size = 0

    def put(match: Any) -> str:
        nonlocal size
        made = "".join(
            match.group(part) or "" if isinstance(part, int) else part for part in pieces
        )
        size += len(made)
        check_text(size)
        run.spend(4)
        return made

    return str(expression.sub(put, text))


def split(text: str, pattern: str, run: Run) -> list[str]:
    """The parts between matches."""
    parts: list[str] = []
    start = 0
    for match in _matches(text, pattern, run):
        if match.end() > match.start():
            parts.append(text[start : match.start()])
            check_list(len(parts) + 1)
            start = match.end()
    return [*parts, text[start:]]


def extract(text: str, pattern: str, run: Run) -> list[str]:
    """Every match."""
    parts: list[str] = []
    for match in _matches(text, pattern, run):
        parts.append(match.group())
        check_list(len(parts))
    return parts


def _matches(text: str, pattern: str, run: Run) -> Iterator[Any]:
    """One match after the other, each paid for before the next is looked for."""
    for match in compiled(pattern, "").finditer(text):
        run.spend(1)
        yield match


@lru_cache(maxsize=256)
def compiled(pattern: str, flags: str) -> Any:
    """The pattern, ready; raises ``Undefined`` when it is none."""
    if len(pattern) > _MAX_PATTERN:
        raise Undefined("PATTERN", "A pattern may have {0} characters at most", _MAX_PATTERN)
    if not set(flags) <= _FLAGS:
        raise Undefined("PATTERN", "Unknown flags: {0!r}", flags)
    if "q" not in flags and has_references(pattern):
        return build(_without_spaces(pattern) if "x" in flags else pattern, flags)
    options = re2.Options()
    options.log_errors = False
    options.max_mem = _MEMORY
    try:
        return re2.compile(_translated(pattern, flags), options)
    except (re2.error, UnicodeError) as error:
        raise Undefined("PATTERN", "Not a pattern") from error


def _translated(pattern: str, flags: str) -> str:
    mode = "".join(flag for flag in "ims" if flag in flags)
    prefix = f"(?{mode})" if mode else ""
    if "q" in flags:
        return prefix + str(re2.escape(pattern))
    if "x" in flags:
        pattern = _without_spaces(pattern)
    return prefix + _mapped(pattern, dot_is_all="s" in flags)


def _without_spaces(pattern: str) -> str:
    """White space goes, but inside brackets it stays (XPath Functions 3.1, 5.6.2)."""
    kept: list[str] = []
    level = 0
    escaped = False
    for character in pattern:
        if character in _SPACES and level == 0:
            continue
        if not escaped:
            level = max(0, level + {"[": 1, "]": -1}.get(character, 0))
        kept.append(character)
        escaped = character == "\\" and not escaped
    return "".join(kept)


def _mapped(pattern: str, *, dot_is_all: bool) -> str:
    out: list[str] = []
    index = 0
    while index < len(pattern):
        character = pattern[index]
        if character == "\\":
            piece, index = read_escape(pattern, index)
        elif character == "[":
            piece, index = read_class(pattern, index)
        else:
            piece, index = _plain(pattern, index, dot_is_all), index + 1
        out.append(piece)
    return "".join(out)


def _plain(pattern: str, index: int, dot_is_all: bool) -> str:
    character = pattern[index]
    if character == "." and not dot_is_all:
        return "[^\\n\\r]"
    special = pattern.startswith("(?", index) and not pattern.startswith("(?:", index)
    if special:
        raise Undefined("PATTERN", "Of the special groups only (?:…) is supported")
    return character


def _pieces(replacement: str, groups: int) -> list[str | int]:
    pieces: list[str | int] = []
    end = 0
    for match in _REFERENCE.finditer(replacement):
        pieces.append(replacement[end : match.start()])
        end = match.end()
        if match[1] is not None and match[1] in "\\$":
            pieces.append(match[1])
        elif match[2] is not None:
            pieces.extend(_group(match[2], groups))
        else:
            raise Undefined("REPLACEMENT", "Not a replacement: {0!r}", replacement[:60])
    return [*pieces, replacement[end:]]


def _group(digits: str, groups: int) -> list[str | int]:
    # As many digits belong to the number as there are groups for; the rest is text.
    used = min(len(digits), 6)
    while used > 1 and int(digits[:used]) > groups:
        used -= 1
    number = int(digits[:used])
    return [number if number <= groups else "", digits[used:]]
