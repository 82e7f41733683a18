"""The parts of a call that a process gives: path, query, headers and body.

They may hold what a customer typed, so each is kept in its place: a path cannot leave the
channel's address, a header cannot begin another one, and what proves who we are cannot be set.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, urlencode

from connectors import hardened, json_values
from connectors.errors import BadHeader, BadInput
from connectors.transport import OURS, BadUrl, Url, add_path

Content = str
"""``json``, ``form``, ``xml`` or ``text``."""

TYPES: Mapping[Content, str] = {
    "json": "application/json",
    "form": "application/x-www-form-urlencoded",
    "xml": "application/xml; charset=utf-8",
    "text": "text/plain; charset=utf-8",
}
RESERVED = frozenset({"authorization", "cookie", "content-type", "user-agent"})
"""Headers that the channel sets, besides those of the connection."""


def address(base: Url, path: object, query: object) -> Url:
    """The address to call. ``path`` is a text, or a list whose members become one segment each,
    whatever signs they hold; ``query`` a context of texts, numbers and lists of these.

    Raises ``BadUrl`` for a path that leaves the base, ``BadInput`` for other kinds of values.
    """
    url = add_path(base, _path(path))
    pairs = list(_pairs("query", query))
    if not pairs:
        return url
    # Blanks as %20 and not as +, which only forms know.
    return Url(url.scheme, url.host, url.port, f"{url.target}?{urlencode(pairs, quote_via=quote)}")


def _path(path: object) -> str:
    if isinstance(path, list | tuple):
        return "/".join(_segment(scalar("path", one)) for one in path)
    return "" if path is None else scalar("path", path)


def _segment(text: str) -> str:
    if not text or set(text) <= {"."} or any(one in text for one in "/\\?#%;\0"):
        raise BadUrl("the path holds a sign that is not let in")
    return quote(text, safe="")


def headers(given: object, reserved: frozenset[str]) -> dict[str, str]:
    """The headers of a process; raises ``BadHeader`` for those that are the channel's own."""
    found = dict(_pairs("headers", given))
    for name in found:
        if name.lower() in RESERVED | OURS | reserved:
            raise BadHeader(ascii(name)[:60])
    return found


def body(content: Content, value: object) -> tuple[bytes | None, str]:
    """The bytes to send and their media type; no bytes for null.

    Raises ``BadInput``: a form is a context of texts, numbers and lists of these, XML a
    well-formed text without a DTD.
    """
    if value is None:
        return None, ""
    return _ENCODERS[content](value), TYPES[content]


def _json(value: object) -> bytes:
    try:
        return json_values.write(value)
    except ValueError:
        raise BadInput("body: JSON cannot say this") from None


def _form(value: object) -> bytes:
    return urlencode(list(_pairs("body", value))).encode()


def _text(value: object) -> bytes:
    return scalar("body", value).encode("utf-8", "replace")


def _xml(value: object) -> bytes:
    """The text as it is. A text put together from pieces may say something else than meant, so
    it must at least be one element."""
    data = _text(value)
    try:
        hardened.read(data)
    except hardened.BadXml as error:
        raise BadInput(f"body: {_WRONG_XML.get(error.rule, 'too large an XML')}") from None
    return data


_WRONG_XML = {"malformed": "not well-formed XML", "dtd": "XML with a DTD"}


_ENCODERS = {"json": _json, "form": _form, "xml": _xml, "text": _text}


def _pairs(what: str, value: object) -> Iterator[tuple[str, str]]:
    if value is None or value == {}:
        return
    if not isinstance(value, Mapping):
        raise BadInput(f"{what}: a context is expected")
    for name, one in value.items():
        for single in one if isinstance(one, list | tuple) else [one]:
            if single is not None:
                yield str(name), scalar(what, single)


def scalar(what: str, value: Any) -> str:
    """A text as it is, a number or truth as FEEL writes it; raises ``BadInput`` for others."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, str):
        return value
    raise BadInput(f"{what}: a text or a number is expected")
