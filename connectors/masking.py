"""Secrets taken out of whatever is written down: logs, errors, answers, rows."""

from __future__ import annotations

import re
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from html import escape
from json import dumps
from typing import Any
from urllib.parse import quote, quote_plus

from connectors.errors import DeliveryFailed

MASK = "•••"
LEAST = 4
"""Characters of the shortest secret that is looked for: shorter ones are found everywhere."""


def masked(text: str, secrets: Iterable[str]) -> str:
    """The text without the secrets, in whatever form they travel: as they are, percent-encoded,
    in Base64, or as JSON writes them."""
    return _masked(text, _forms_of(tuple(secrets)))


def _masked(text: str, forms: Iterable[str]) -> str:
    for form in forms:
        text = text.replace(form, MASK)
    return text


@lru_cache(maxsize=64)
def _forms_of(secrets: tuple[str, ...]) -> tuple[str, ...]:
    """The longest first, so that no half of a form is left behind."""
    forms = {form for secret in secrets if len(secret) >= LEAST for form in _forms(secret)}
    return tuple(sorted(forms, key=len, reverse=True))


def masked_values(value: Any, secrets: Iterable[str]) -> Any:
    """A JSON value whose texts, and names, hold no secret any more."""
    return _masked_value(value, _forms_of(tuple(secrets)))


def _masked_value(value: Any, forms: tuple[str, ...]) -> Any:
    # Asked by their exact types first: nearly all are plain.
    kind = type(value)
    if kind is str:
        return _masked(value, forms) if forms else value
    if kind in _PLAIN:
        return value
    if isinstance(value, Mapping):
        return {_masked(str(k), forms): _masked_value(v, forms) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_masked_value(one, forms) for one in value]
    return _masked(value, forms) if isinstance(value, str) else value


_PLAIN = (int, float, bool, type(None))


def masked_failure(failure: DeliveryFailed, secrets: Iterable[str]) -> DeliveryFailed:
    """The same failure, whose words hold no secret: a partner may repeat what it was told."""
    known = tuple(secrets)
    failure.detail = _without_half(masked(failure.detail, known), _forms_of(known))
    failure.result = masked_values(failure.result, known)
    failure.args = (failure.text("en"),)
    return failure


def _without_half(text: str, forms: Iterable[str]) -> str:
    """What a partner said is cut somewhere, and that may be in the middle of a secret."""
    for form in forms:
        for length in range(min(len(form) - 1, len(text)), LEAST - 1, -1):
            if text.endswith(form[:length]):
                return text[:-length] + MASK
    return text


def texts_in(value: Any) -> Iterator[str]:
    """All texts of a JSON value: a secret option may be a text or hold several."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from texts_in(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from texts_in(one)


def _forms(secret: str) -> Iterator[str]:
    raw = secret.encode()
    yield secret
    for quoted in (quote(secret), quote(secret, safe=""), quote_plus(secret)):
        yield from (quoted, _ESCAPE.sub(lambda found: found[0].lower(), quoted))
    for encode in (b64encode, urlsafe_b64encode):
        yield encode(raw).decode()
        yield encode(raw).decode().rstrip("=")
    yield from _as_json(secret)
    yield from _as_xml(secret)


_ESCAPE = re.compile("%[0-9A-F]{2}")


def _as_json(secret: str) -> Iterator[str]:
    """As JSON is written by Python, by PHP (which escapes a slash), by Go, by Gson and by .NET."""
    for text in (dumps(secret)[1:-1], dumps(secret, ensure_ascii=False)[1:-1]):
        yield from (text, text.replace("/", r"\/"))
        yield from (re.sub(signs, _coded, text) for signs in ("[&<>]", "[&<>='`]"))
    strict = re.sub("[\"&'+<>`\\u007f-\\U0010ffff]", lambda found: _coded(found).upper(), secret)
    yield strict.replace(r"\U", r"\u")


def _coded(found: re.Match[str]) -> str:
    return dumps(found[0])[1:-1] if ord(found[0]) > _ASCII else f"\\u{ord(found[0]):04x}"


_ASCII = 0x7F


def _as_xml(secret: str) -> Iterator[str]:
    """As a text of XML or HTML, and as one of its attributes."""
    text = escape(secret, quote=False)
    yield text
    for double, single in _QUOTES:
        yield text.replace('"', double).replace("'", single)


_QUOTES = (("&quot;", "'"), ("&quot;", "&apos;"), ("&quot;", "&#x27;"), ("&#34;", "&#39;"))
