"""The guarded way out in the form that libraries on `requests` take, such as zeep."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from http import HTTPStatus
from io import BytesIO
from typing import Any

import requests
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict

from connectors.transport import OURS, Request, fetch


def session(like: Request) -> requests.Session:
    """A session each of whose calls is one :func:`~connectors.transport.fetch` with the limits,
    networks, certificates and permission to repeat of ``like``.

    It reads no proxies and no ``.netrc`` from the environment, keeps no cookies, follows
    nothing, and raises what ``fetch`` raises. Method, address, headers and body of ``like`` do
    not count.
    """
    made = requests.Session()
    made.trust_env, made.max_redirects = False, 0
    made.cookies.set_policy(_NoCookies())
    for prefix in ("http://", "https://"):
        made.mount(prefix, GuardedAdapter(like))
    return made


_REASONS = {one.value: one.phrase for one in HTTPStatus}


class _NoCookies(requests.cookies.cookielib.DefaultCookiePolicy):  # type: ignore[misc,name-defined]  # Without types.
    """Takes and gives none."""

    def __init__(self) -> None:
        super().__init__(allowed_domains=[])


class GuardedAdapter(BaseAdapter):
    """Sends what `requests` has prepared by ``fetch``, and gives the answer back read whole."""

    def __init__(self, like: Request) -> None:
        super().__init__()
        self._like = like

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> Any:
        """Send it; whatever time limits, proxies and certificates the caller names are passed
        over."""
        headers = {name: _text(one) for name, one in request.headers.items()}
        reply = fetch(
            replace(
                self._like,
                method=str(request.method),
                url=str(request.url),
                headers={name: one for name, one in headers.items() if name.lower() not in OURS},
                body=_bytes(request.body),
            )
        )
        return _response(request, reply.status, reply.headers, reply.body)

    def close(self) -> None:
        """Nothing is kept open."""


def _bytes(body: object) -> bytes | None:
    """What `zeep` gives is whole; a body that would be read while it is sent is not taken."""
    if body is None or isinstance(body, bytes):
        return body
    if isinstance(body, str):
        return body.encode()
    raise TypeError("a body must be bytes or text")


def _text(value: str | bytes) -> str:
    return value if isinstance(value, str) else value.decode("latin-1")


def _response(
    request: requests.PreparedRequest, status: int, headers: Mapping[str, str], body: bytes
) -> requests.Response:
    made = requests.Response()
    made.status_code, made.request, made.url = status, request, str(request.url)
    # Unpacked already, and a place to go to is not gone to.
    gone = ("content-encoding", "location") if 300 <= status < 400 else ("content-encoding",)
    made.headers = CaseInsensitiveDict({k: v for k, v in headers.items() if k not in gone})
    made.encoding = requests.utils.get_encoding_from_headers(made.headers)
    made.reason = _REASONS.get(status, "")
    made._content, made.raw = body, BytesIO(body)
    return made
