"""Secrets taken out of whatever is written down: logs, errors, answers, rows."""

from __future__ import annotations

from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
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
    failure.detail = masked(failure.detail, known)
    failure.result = masked_values(failure.result, known)
    failure.args = (failure.text("en"),)
    return failure


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
    yield from (secret, quote(secret), quote(secret, safe=""), quote_plus(secret))
    for encode in (b64encode, urlsafe_b64encode):
        yield encode(raw).decode()
        yield encode(raw).decode().rstrip("=")
    yield from (dumps(secret)[1:-1], dumps(secret, ensure_ascii=False)[1:-1])
