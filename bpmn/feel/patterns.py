"""Regular expressions by XPath's syntax, on an engine that cannot backtrack for ever (RE2)."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

import re2

from bpmn.feel.errors import Undefined
from bpmn.feel.limits import check_text

_FLAGS = frozenset("smixq")
_MAX_PATTERN = 2_000
_GROUP = re.compile(r"\\(.)|\$([0-9]+)|([\\$])", re.DOTALL)
_CODE = re.compile(r"\\(?:u\{([0-9A-Fa-f]{1,6})\}|u([0-9A-Fa-f]{4}))")


def search(text: str, pattern: str, flags: str) -> bool:
    """Whether the pattern occurs in the text."""
    return compiled(pattern, flags).search(text) is not None


def replace(text: str, pattern: str, replacement: str, flags: str) -> str:
    """The text with every match replaced; ``$1`` stands for a group, ``\\$`` for a dollar."""
    expression = compiled(pattern, flags)
    if expression.search("") is not None:
        raise Undefined("PATTERN", "The pattern matches the empty string")
    if "q" in flags:
        check_text(len(text) * (1 + len(replacement)))
        return str(expression.sub(lambda match: replacement, text))
    pieces = _pieces(replacement, expression.groups)
    found = [0]

    def put(match: Any) -> str:
        made = "".join(match.group(p) or "" if isinstance(p, int) else p for p in pieces)
        found[0] += len(made)
        check_text(found[0])
        return made

    return str(expression.sub(put, text))


def split(text: str, pattern: str) -> list[str]:
    """The parts between matches."""
    expression = compiled(pattern, "")
    parts: list[str] = []
    start = 0
    for match in expression.finditer(text):
        if match.end() == match.start():
            continue
        parts.append(text[start : match.start()])
        start = match.end()
    return [*parts, text[start:]]


def extract(text: str, pattern: str) -> list[str]:
    """Every match."""
    return [match.group() for match in compiled(pattern, "").finditer(text)]


@lru_cache(maxsize=256)
def compiled(pattern: str, flags: str) -> Any:
    """The pattern, ready; raises ``Undefined`` when it is none."""
    if len(pattern) > _MAX_PATTERN:
        raise Undefined("PATTERN", f"A pattern may have {_MAX_PATTERN} characters at most")
    if not set(flags) <= _FLAGS:
        raise Undefined("PATTERN", f"Unknown flags: {flags!r}")
    options = re2.Options()
    options.log_errors = False
    options.never_nl = False
    options.max_mem = 8 << 20
    try:
        return re2.compile(_translated(pattern, flags), options)
    except re2.error as error:
        raise Undefined("PATTERN", f"Not a pattern: {error}") from error


def _translated(pattern: str, flags: str) -> str:
    mode = "".join(flag for flag in "ims" if flag in flags)
    prefix = f"(?{mode})" if mode else ""
    if "q" in flags:
        return prefix + re2.escape(pattern)
    if "x" in flags:
        pattern = _without_spaces(pattern)
    return prefix + _mapped(pattern)


def _without_spaces(pattern: str) -> str:
    """White space goes, but inside brackets it stays (XPath, 5.6.1.1)."""
    kept: list[str] = []
    level = 0
    escaped = False
    for character in pattern:
        if not escaped:
            level += {"[": 1, "]": -1}.get(character, 0)
        if level > 0 or escaped or character not in " \t\r\n":
            kept.append(character)
        escaped = character == "\\" and not escaped
    return "".join(kept)


_NAME_START = "A-Z_a-z:\\x{C0}-\\x{D6}\\x{D8}-\\x{F6}\\x{F8}-\\x{2FF}\\x{370}-\\x{37D}\\x{37F}-\\x{1FFF}"
_NAME_PART = _NAME_START + "\\-.0-9\\x{B7}\\x{300}-\\x{36F}"
_CLASSES = {"i": _NAME_START, "c": _NAME_PART, "d": "\\p{Nd}", "s": " \\t\\n\\r", "w": "\\p{L}\\p{N}\\p{M}\\p{S}"}


def _mapped(pattern: str) -> str:
    out: list[str] = []
    index = 0
    inside = 0
    while index < len(pattern):
        character = pattern[index]
        if character == "\\":
            text, index = _escape(pattern, index, inside > 0)
            out.append(text)
            continue
        if character == "[":
            inside += 1
        elif character == "]" and inside:
            inside -= 1
        if character == "[" and inside > 1:
            character = "\\["
            inside -= 1
        if character == "-" and pattern[index + 1 : index + 2] == "[" and inside:
            raise Undefined("PATTERN", "Subtraction of character classes is not supported")
        if character == "(" and not inside and pattern[index + 1 : index + 2] == "?":
            if pattern[index + 2 : index + 3] != ":":
                raise Undefined("PATTERN", "Only groups of the form (?:…) are supported")
        out.append(character)
        index += 1
    return "".join(out)


def _escape(pattern: str, index: int, inside: bool) -> tuple[str, int]:
    code = _CODE.match(pattern, index)
    if code is not None:
        return f"\\x{{{code[1] or code[2]}}}", code.end()
    letter = pattern[index + 1 : index + 2]
    if letter.lower() in _CLASSES and letter:
        body = _CLASSES[letter.lower()]
        if letter.islower():
            return (body if inside else f"[{body}]"), index + 2
        if not inside:
            return f"[^{body}]", index + 2
        return _ASCII_NEGATED.get(letter, f"\\{letter}"), index + 2
    if letter in ("p", "P") or not letter.isalnum():
        return pattern[index : index + 2], index + 2
    if letter in "nrt":
        return f"\\{letter}", index + 2
    raise Undefined("PATTERN", f"Unknown escape in a pattern: \\{letter}")


_ASCII_NEGATED = {"D": "\\P{Nd}", "S": "\\S", "W": "\\W"}


def _pieces(replacement: str, groups: int) -> list[str | int]:
    pieces: list[str | int] = []
    end = 0
    for match in _GROUP.finditer(replacement):
        pieces.append(replacement[end : match.start()])
        end = match.end()
        if match[1] is not None:
            if match[1] not in "\\$":
                raise Undefined("REPLACEMENT", f"Unknown escape in a replacement: \\{match[1]}")
            pieces.append(match[1])
        elif match[2] is not None:
            pieces.extend(_group(match[2], groups))
        else:
            raise Undefined("REPLACEMENT", f"A single {match[3]} in a replacement")
    return [*pieces, replacement[end:]]


def _group(digits: str, groups: int) -> list[str | int]:
    # As many digits belong to the number as there are groups for; the rest is text.
    used = len(digits)
    while used > 1 and int(digits[:used]) > groups:
        used -= 1
    number = int(digits[:used])
    return [number if number <= groups else "", digits[used:]]
