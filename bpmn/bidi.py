"""Words of a diagram within Persian sentences: each set apart, so that it is read in its order.

Without that the signs at the ends of an expression, such as ``=1 / x``, would stand on the wrong
side of it. The isolates are those of Unicode's bidirectional algorithm (UAX 9, 2.4); terminals
and pages follow them alike, so that nobody who shows a sentence has to know where its words are.
"""

from __future__ import annotations

import re
from decimal import Decimal

_AS_IT_BEGINS, _LEFT_TO_RIGHT, _END = "\u2068", "\u2066", "\u2069"
_CONTROLS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Signs that change the order of what follows; in a word they could turn the whole sentence."""
_PLAIN = re.compile(r"[A-Za-z](?:[!-~ ]*[A-Za-z0-9])?|[\u0621-\u06ff\u200c ]*|[0-9]+")
"""Words that read rightly as they are: of one script, with a letter of it at both ends."""
_RUN = re.compile(r'<![A-Z]+|=["\[]*[A-Za-z][!-~ ]*[!-~]|\d{4}-\d\d-\d\d[!-~]*')
"""Expressions and dates that stand in the text of a rule as an example."""
_DIGITS = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")


def set_apart(word: object) -> str:
    """A word for a Persian sentence: a number in Persian digits, else the text set apart."""
    if isinstance(word, int | Decimal) and not isinstance(word, bool):
        return str(word).translate(_DIGITS)
    text = _CONTROLS.sub("", str(word))
    if _PLAIN.fullmatch(text):
        return text
    # An expression is read from the left even if it begins with a Persian name.
    sign = _LEFT_TO_RIGHT if text.startswith("=") else _AS_IT_BEGINS
    return f"{sign}{text}{_END}"


def set_code_apart(text: str) -> str:
    """A text of code for a Persian sentence, always read from the left."""
    clean = _CONTROLS.sub("", text)
    return clean if _PLAIN.fullmatch(clean) else f"{_LEFT_TO_RIGHT}{clean}{_END}"


def set_examples_apart(sentence: str) -> str:
    """A Persian sentence in which the examples of code are set apart."""
    return _RUN.sub(_example, sentence)


def _example(found: re.Match[str]) -> str:
    code = found[0].rstrip(".")
    return f"{_LEFT_TO_RIGHT}{code}{_END}{found[0][len(code) :]}"
