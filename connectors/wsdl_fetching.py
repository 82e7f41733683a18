"""A WSDL fetched once by its address, with the imports that lie at the same host.

What lies elsewhere is not fetched: ``wsdl_imports`` then tells what to put into a zip file.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from types import MappingProxyType
from urllib.parse import urljoin, urlsplit

from lxml import etree

from connectors import standards
from connectors.errors import DeliveryFailed
from connectors.standards import XSD
from connectors.transport import Request, fetch
from connectors.wsdl import FILE, FILES, MEGABYTE, TOTAL, WSDL, WSDL_2, Bundle, read_file
from connectors.wsdl_words import BadWsdl

SECONDS = 60
"""For the WSDL and all its imports together."""
_IMPORTS = {f"{{{WSDL}}}import": "location", f"{{{XSD}}}import": "schemaLocation",
            f"{{{XSD}}}include": "schemaLocation"}  # fmt: skip


def fetch_bundle(url: str, like: Request) -> Bundle:
    """Fetch the WSDL and what it imports from its own host.

    ``like`` says limits, networks and trust of every call. Raises :class:`BadWsdl`, with the
    file and line of the import that led there.
    """
    until = time.monotonic() + SECONDS
    found: dict[str, bytes] = {}
    first = _name(url)
    host = (urlsplit(url).hostname or "").lower()
    waiting = [url]
    while waiting:
        here = waiting.pop(0)
        name = _name(here)
        if name in found:
            continue
        _check_size(found, until)
        found[name] = _fetched(here, like, until)
        root = read_file(name, found[name])
        _check_first(name, first, root)
        waiting += list(_imported(here, host, root))
    return Bundle(first, MappingProxyType(found), host)


def _name(url: str) -> str:
    """How a file is called in the bundle: path and query of its address."""
    parts = urlsplit(url)
    query = f"?{parts.query}" if parts.query else ""
    return f"{parts.path.lstrip('/')}{query}" or "service.wsdl"


def _check_size(found: dict[str, bytes], until: float) -> None:
    if len(found) >= FILES:
        raise BadWsdl("many-files", limit=FILES)
    if sum(map(len, found.values())) > TOTAL:
        raise BadWsdl("large", limit=TOTAL // MEGABYTE)
    if time.monotonic() > until:
        raise BadWsdl("slow", seconds=SECONDS)


def _fetched(url: str, like: Request, until: float) -> bytes:
    left = max(until - time.monotonic(), 1)
    limits = replace(like.limits, most=FILE, total=min(like.limits.total, left))
    try:
        reply = fetch(replace(like, method="GET", url=url, limits=limits, repeat=True))
    except DeliveryFailed as error:
        raise BadWsdl("not-fetched", url=shown(url), why=error.text("en")) from None
    if not 200 <= reply.status < 300:
        told = f"HTTP {reply.status}"
        to = reply.headers.get("location", "") if 300 <= reply.status < 400 else ""
        why = f"{told}, moved to {shown(urljoin(url, to))}" if to else told
        raise BadWsdl("not-fetched", url=shown(url), why=why)
    return reply.body


def shown(url: str) -> str:
    """The address without its query's values, where keys may stand."""
    parts = urlsplit(url)
    place = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{place}{parts.path}"[:200]


def _check_first(name: str, first: str, root: etree._Element) -> None:
    if name != first or root.tag == f"{{{WSDL}}}definitions":
        return
    raise BadWsdl("wsdl-2" if root.tag == f"{{{WSDL_2}}}description" else "no-wsdl", name, 1)


def _imported(here: str, host: str, root: etree._Element) -> Iterator[str]:
    for one in root.iter(*_IMPORTS):
        location = (one.get(_IMPORTS[str(one.tag)]) or "").strip()
        known = str(one.tag) == f"{{{XSD}}}import" and (
            one.get("namespace") in standards.FILES or one.get("namespace") == XSD
        )
        if not location or known:
            continue
        target = _same_host(here, host, location)
        if target is not None:
            yield target


def _same_host(here: str, host: str, location: str) -> str | None:
    """The address to fetch; None for what lies elsewhere. Services often name themselves with
    another scheme or port than they are reached by, so those of the WSDL count."""
    try:
        parts = urlsplit(urljoin(here, location))
        own = (parts.hostname or "").lower() == host and parts.scheme in ("http", "https")
    except ValueError:
        return None
    base = urlsplit(here)
    return (
        parts._replace(scheme=base.scheme, netloc=base.netloc, fragment="").geturl()
        if own
        else None
    )
