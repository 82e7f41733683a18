"""Sentences that quote expressions and ids: what is quoted keeps its own direction."""

from __future__ import annotations

import re
import unicodedata

from markupsafe import Markup

from app.i18n.digits import to_digits

_QUOTED = re.compile("(«[^«»]*»|“[^“”]*”)")
_NUMBER = re.compile(r"(?<![\w-])[0-9]+(?![\w-])")
"""A number by itself, in the sentence and not in what it quotes."""


def isolate_quotes(text: str, language: str) -> Markup:
    """The sentence as HTML with everything quoted in a ``<bdi>`` of its own direction, and its own
    numbers in the digits of the language."""
    parts = (
        _quoted(part) if at % 2 else Markup.escape(_in_digits(part, language))
        for at, part in enumerate(_QUOTED.split(text))
    )
    return Markup("").join(parts)


_ISOLATES = "\u2066\u2067\u2068\u2069"
"""What isolates a text where there are no elements for it."""


def _quoted(part: str) -> Markup:
    inner = part[1:-1].strip(_ISOLATES)
    told = Markup('{}<bdi dir="{}">{}</bdi>{}')
    return told.format(part[0], _direction(inner), inner, part[-1])


def _direction(text: str) -> str:
    """That of the first letter; an expression is read from the left whatever stands in it."""
    if text.startswith("="):
        return "ltr"
    strong = (unicodedata.bidirectional(letter) for letter in text)
    first = next((kind for kind in strong if kind in ("L", "R", "AL")), "L")
    return "ltr" if first == "L" else "rtl"


def _in_digits(part: str, language: str) -> str:
    return _NUMBER.sub(lambda number: to_digits(number[0], language), part)


_CODE = re.compile(r"[A-Za-z0-9/{\[*=<](?:[ -~]*[A-Za-z0-9/}\])*>_])?")
"""A stretch of Latin words, paths and figures, without the stop or comma of the sentence."""


def isolate_codes(text: str) -> Markup:
    """A Persian text as HTML in which each Latin stretch (``/hooks/KEY``, ``10.1.0.5:8443``) is
    read from the left as a whole; left alone, its signs would change sides."""
    found, at = Markup(), 0
    for code in _CODE.finditer(text):
        inner = _without_foreign_bracket(code[0])
        found += Markup('{}<bdi dir="ltr">{}</bdi>').format(text[at : code.start()], inner)
        at = code.start() + len(inner)
    return found + text[at:]


def _without_foreign_bracket(code: str) -> str:
    """Without the bracket at its end that the sentence opened."""
    opened = code.count(")") <= code.count("(")
    return code if opened else code.rstrip(")")
