"""Character classes and escapes of XML Schema patterns, mapped onto RE2's.

A class with a subtraction (``[a-z-[aeiou]]``) is worked out here into plain ranges.
"""

from __future__ import annotations

import re

from bpmn.feel.errors import Undefined

Span = tuple[int, int]
_LAST = 0x10FFFF
_CODE = re.compile(r"\\(?:u\{([0-9A-Fa-f]{1,6})\}|u([0-9A-Fa-f]{4}))")
_PROPERTY = re.compile(r"\\([pP])\{(Is[A-Za-z0-9-]+)\}")
_CONTROLS = {"n": "\n", "r": "\r", "t": "\t"}
_NAME_START = (
    "A-Z_a-z:\\x{C0}-\\x{D6}\\x{D8}-\\x{F6}\\x{F8}-\\x{2FF}\\x{370}-\\x{37D}\\x{37F}-\\x{1FFF}"
    "\\x{200C}-\\x{200D}\\x{2070}-\\x{218F}\\x{2C00}-\\x{2FEF}\\x{3001}-\\x{D7FF}"
)
_CLASSES = {
    "i": _NAME_START,
    "c": _NAME_START + "\\-.0-9\\x{B7}\\x{300}-\\x{36F}\\x{203F}-\\x{2040}",
    "d": "\\p{Nd}",
    "s": " \\t\\n\\r",
    "w": "\\p{L}\\p{M}\\p{N}\\p{S}",
}
_NEGATED_INSIDE = {"D": "\\P{Nd}", "S": "\\S", "W": "\\p{P}\\p{Z}\\p{C}"}
_BLOCKS: dict[str, Span] = {
    "IsBasicLatin": (0, 0x7F),
    "IsLatin-1Supplement": (0x80, 0xFF),
    "IsLatinExtended-A": (0x100, 0x17F),
    "IsLatinExtended-B": (0x180, 0x24F),
    "IsGreek": (0x370, 0x3FF),
    "IsGreekandCoptic": (0x370, 0x3FF),
    "IsCyrillic": (0x400, 0x4FF),
    "IsArmenian": (0x530, 0x58F),
    "IsHebrew": (0x590, 0x5FF),
    "IsArabic": (0x600, 0x6FF),
    "IsArabicPresentationForms-A": (0xFB50, 0xFDFF),
    "IsArabicPresentationForms-B": (0xFE70, 0xFEFF),
    "IsDevanagari": (0x900, 0x97F),
    "IsGeneralPunctuation": (0x2000, 0x206F),
    "IsCurrencySymbols": (0x20A0, 0x20CF),
    "IsHiragana": (0x3040, 0x309F),
    "IsKatakana": (0x30A0, 0x30FF),
    "IsCJKUnifiedIdeographs": (0x4E00, 0x9FFF),
}


def read_escape(pattern: str, index: int, *, inside: bool = False) -> tuple[str, int]:
    """RE2's text for the escape at a place, and the place after it; raises ``Undefined``."""
    code = _CODE.match(pattern, index)
    if code is not None:
        return _character(int(code[1] or code[2], 16)), code.end()
    block = _PROPERTY.match(pattern, index)
    if block is not None:
        return _block(block[2], block[1] == "P", inside), block.end()
    letter = pattern[index + 1 : index + 2]
    return _letter(letter, inside), index + 2


def _letter(letter: str, inside: bool) -> str:
    body = _CLASSES.get(letter.lower())
    if body is not None:
        if letter.islower():
            return body if inside else f"[{body}]"
        if not inside:
            return f"[^{body}]"
        if letter in _NEGATED_INSIDE:
            return _NEGATED_INSIDE[letter]
    elif letter in ("p", "P", *_CONTROLS) or (letter and not letter.isalnum()):
        return f"\\{letter}"
    raise Undefined("PATTERN", "Unknown escape in a pattern: \\{0}", letter)


def _block(name: str, negated: bool, inside: bool) -> str:
    span = _BLOCKS.get(name)
    if span is None:
        raise Undefined("PATTERN", "Unknown block of characters: {0}", name)
    body = _written(_without([(0, _LAST)], [span]) if negated else [span])
    return body if inside else f"[{body}]"


def read_class(pattern: str, index: int) -> tuple[str, int]:
    """RE2's text for the bracketed class at a place, and the place after it."""
    start = index
    negated = pattern[index + 1 : index + 2] == "^"
    index += 2 if negated else 1
    parts: list[str] = []
    while index < len(pattern):
        character = pattern[index]
        if character == "]" and parts:
            return f"[{'^' if negated else ''}{''.join(parts)}]", index + 1
        if pattern.startswith("-[", index) and parts:
            return _subtracted(pattern, start)
        if character == "\\":
            part, index = read_escape(pattern, index, inside=True)
        else:
            part, index = ("\\" if character == "[" else "") + character, index + 1
        parts.append(part)
    raise Undefined("PATTERN", "A class of characters is not closed")


def _subtracted(pattern: str, index: int) -> tuple[str, int]:
    spans, index = _spans(pattern, index, 0)
    if not spans:
        raise Undefined("PATTERN", "A class of characters is empty")
    return f"[{_written(spans)}]", index


def _spans(pattern: str, index: int, depth: int) -> tuple[list[Span], int]:
    """The ranges of a class of single characters, ranges and a subtraction."""
    if depth > 8:
        raise Undefined("PATTERN", "Classes are nested too deep")
    negated = pattern[index + 1 : index + 2] == "^"
    index += 2 if negated else 1
    spans: list[Span] = []
    removed: list[Span] = []
    while index < len(pattern) and pattern[index] != "]":
        if pattern.startswith("-[", index):
            removed, index = _spans(pattern, index + 1, depth + 1)
            continue
        first, index = _single(pattern, index)
        last = first
        if pattern[index : index + 1] == "-" and pattern[index + 1 : index + 2] not in (
            "",
            "[",
            "]",
        ):
            last, index = _single(pattern, index + 1)
        spans.append((first, last))
    if index >= len(pattern):
        raise Undefined("PATTERN", "A class of characters is not closed")
    kept = _without([(0, _LAST)], spans) if negated else spans
    return _without(kept, removed), index + 1


def _single(pattern: str, index: int) -> tuple[int, int]:
    if pattern[index] != "\\":
        return ord(pattern[index]), index + 1
    code = _CODE.match(pattern, index)
    if code is not None:
        return int(code[1] or code[2], 16), code.end()
    letter = pattern[index + 1 : index + 2]
    if not letter or (letter.isalnum() and letter not in _CONTROLS):
        raise Undefined("PATTERN", "Only single characters and ranges can be subtracted from")
    return ord(_CONTROLS.get(letter, letter)), index + 2


def _without(spans: list[Span], removed: list[Span]) -> list[Span]:
    for low, high in removed:
        spans = [
            part
            for first, last in spans
            for part in ((first, min(last, low - 1)), (max(first, high + 1), last))
            if part[0] <= part[1]
        ]
    return spans


def _written(spans: list[Span]) -> str:
    return "".join(f"{_character(low)}-{_character(high)}" for low, high in spans)


def _character(code: int) -> str:
    if code > _LAST:
        raise Undefined("PATTERN", "There is no such character")
    return f"\\x{{{code:X}}}"
