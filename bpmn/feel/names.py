"""Known names of several tokens, found in a text by longest match.

FEEL lets a name hold spaces and signs ("date of birth", "مهلت پاسخ", "a-b"), so where one
ends can only be told by knowing it.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from bpmn.feel.lexer import Token, words

_MAX_NAMES = 5_000
_MAX_LEVELS = 8
_MAX_ITEMS = 10


class _Known(NamedTuple):
    tokens: tuple[Token, ...]
    name: str


class Names:
    """The multi-token names that may occur in one expression; it grows while one is read."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._by_first: dict[str, list[_Known]] = {}
        self._known: set[str] = set()
        for name in names:
            self.add(name)

    def add(self, name: str) -> None:
        """Learn a name; one of a single token needs no learning."""
        tokens = words(name)
        if len(tokens) < 2:
            return
        if name not in self._known:
            self._known.add(name)
            known = self._by_first.setdefault(tokens[0].text, [])
            insort(known, _Known(tokens, name), key=lambda one: -len(one.tokens))

    def match(self, tokens: Sequence[Token], at: int) -> tuple[str, int] | None:
        """The longest known name that starts at a token, and how many tokens it takes."""
        for known in self._by_first.get(tokens[at].text, ()):
            if _fits(known.tokens, tokens, at):
                return known.name, len(known.tokens)
        return None


def _fits(name: tuple[Token, ...], tokens: Sequence[Token], at: int) -> bool:
    if at + len(name) > len(tokens):
        return False
    for index, part in enumerate(name):
        token = tokens[at + index]
        if token.kind != part.kind or token.text != part.text:
            return False
        # "a-b" is the name and "a - b" the subtraction: gaps count beside signs only.
        beside_sign = index and "op" in (part.kind, name[index - 1].kind)
        if beside_sign and token.gap != part.gap:
            return False
    return True


def long_names(context: Mapping[str, Any], text: str) -> frozenset[str]:
    """The keys at any depth of a context that hold more than one token and occur in a text."""
    strange = [
        key
        for part in _inner_contexts(context)
        for key in part
        if not (isinstance(key, str) and key.isidentifier())
    ]
    return occurring(strange, text) if strange else frozenset()


def occurring(names: Iterable[object], text: str) -> frozenset[str]:
    """Those of the names that hold more than one token and can be found in a text."""
    squeezed = squeeze(text)
    return frozenset(
        name
        for name in names
        if isinstance(name, str) and not name.isidentifier() and squeeze(name) in squeezed
    )


def _inner_contexts(context: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The context and the contexts inside it, some levels deep and so many at most."""
    level: list[Any] = [context]
    left = _MAX_NAMES
    for _ in range(_MAX_LEVELS):
        following: list[Any] = []
        for value in level[:left]:
            if type(value) is dict or isinstance(value, Mapping):
                yield value
                following.extend(value.values())
            else:
                # The items of one list have the same keys, nearly always.
                following.extend(value[:_MAX_ITEMS])
        left -= len(level)
        level = [
            value
            for value in following
            if type(value) not in _SCALARS and isinstance(value, Mapping | list | tuple)
        ]
        if not level or left <= 0:
            return


_SCALARS = frozenset({str, int, float, bool, type(None)})
"""Seen at once to hold nothing; asking whether a value is any mapping takes much longer."""


def squeeze(text: str) -> str:
    """The text without white space, to see quickly whether a name can occur in it."""
    return "".join(text.split())


def may_hold_long_names(tokens: Sequence[Token]) -> bool:
    """Whether a text has two neighbouring tokens that could belong to one name."""
    previous = ""
    for token in tokens:
        if token.kind == "name" and previous == "name":
            return True
        if token.kind == "number" and previous == "name":
            return True
        if previous == "name" and token.kind == "op" and _may_be_in_name(token):
            return True
        previous = token.kind
    return False


def _may_be_in_name(sign: Token) -> bool:
    # A gap before "(" is unusual in a call, but not in a name such as "price (net)".
    return sign.text in _SIGNS or (sign.text == "(" and sign.gap)


_SIGNS = frozenset("/-'+*&%#$!|;~^`") | {"**"}
