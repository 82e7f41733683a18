"""Text to tokens, by the character classes of the grammar (DMN 1.5, 10.3.1.2)."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from bpmn.feel.errors import FeelSyntaxError
from bpmn.feel.limits import MAX_LENGTH

_START = (
    "?A-Z_a-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u167f\u1681-\u180d"
    "\u180f-\u1fff\u200c-\u200d\u2070-\u218f\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufefe"
    "\uff00-\ufffd\U00010000-\U000effff"
)
_PART = _START + "0-9\u00b7\u0300-\u036f\u203f-\u2040"
_SPACE = "\t\n\v\f\r \u0085\u00a0\u1680\u180e\u2000-\u200b\u2028\u2029\u202f\u205f\u3000\ufeff"

_TOKEN = re.compile(
    rf"(?P<gap>(?:[{_SPACE}]|//[^\n\r]*|/\*(?:[^*]|\*(?!/))*\*/)+)"
    rf"|(?P<number>[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|\.[0-9]+(?:[eE][+-]?[0-9]+)?)"
    rf'|(?P<string>"(?:[^"\\]|\\[\s\S])*")'
    rf"|(?P<name>[{_START}][{_PART}]*)"
    rf"|(?P<comment>/\*)"
    rf"|(?P<op>\.\.|\*\*|<=|>=|!=|->|[\s\S])"
)
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{6})|([\s\S]))")
_SIMPLE = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "'": "'", "\\": "\\"}


class Token(NamedTuple):
    """One token; ``gap`` tells whether white space or a comment stood before it."""

    kind: str
    text: str
    start: int
    end: int
    gap: bool


def tokenise(text: str) -> list[Token]:
    """The tokens of an expression, ending with one of kind ``end``."""
    if len(text) > MAX_LENGTH:
        raise FeelSyntaxError(
            "TOO_LONG", MAX_LENGTH, "An expression may have {0} characters at most", MAX_LENGTH
        )
    tokens: list[Token] = []
    gap = False
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup or "op"
        if kind == "gap":
            gap = True
            continue
        tokens.append(_token(kind, match, gap))
        gap = False
    tokens.append(Token("end", "", len(text), len(text), gap))
    return tokens


@lru_cache(maxsize=1024)
def words(name: str) -> tuple[Token, ...]:
    """The tokens of a name; empty when a name like this can never be written in FEEL."""
    try:
        return tuple(tokenise(name.strip())[:-1])
    except FeelSyntaxError:
        return ()


def _token(kind: str, match: re.Match[str], gap: bool) -> Token:
    text = match.group()
    if kind == "comment":
        raise FeelSyntaxError("OPEN_COMMENT", match.start(), "The comment has no end")
    if kind == "op" and text == '"':
        raise FeelSyntaxError("OPEN_STRING", match.start(), "The string has no closing quote")
    if kind == "string":
        text = _unescape(text[1:-1])
    return Token(kind, text, match.start(), match.end(), gap)


def _unescape(body: str) -> str:
    if "\\" not in body:
        return body
    text = _ESCAPE.sub(_escaped, body)
    # Pairs of \uD83D\uDE00 stand for one character beyond the basic plane.
    if any("\ud800" <= character <= "\udfff" for character in text):
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def _escaped(match: re.Match[str]) -> str:
    code = match.group(1) or match.group(2)
    if code:
        number = int(code, 16)
        return chr(number) if number < 0x110000 else match.group()
    # A backslash before any other letter stays, so that patterns such as "\d" read well.
    return _SIMPLE.get(match.group(3), match.group())
