"""The partner that answers ``http`` and ``webhook`` tasks in the test cases of a process: on a free
port of this machine, with what it is told to answer, and with a memory of what it heard.
"""

from __future__ import annotations

import json
import socket
import time
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from connectors import signing
from connectors.contract import NotGenuine
from connectors.lying_http import Act, Heard, LyingPartner, is_silent, leaves, says

SECRET = signing.PREFIX + b64encode(b"only for tests of processes ....").decode()
"""What webhooks are signed with, both ways."""
_UNTOLD = frozenset({"authorization", "proxy-authorization", "cookie", signing.SIGNATURE})
"""Headers that may hold a secret, or prove one."""
_MOST_WAIT = 10.0
_FAILS: Mapping[str, Act] = {"timeout": is_silent, "break": leaves}


@dataclass
class HttpPartner(LyingPartner):
    """Use it in a ``with`` block. ``options`` are those of a channel that calls it."""

    def __enter__(self) -> HttpPartner:
        super().__enter__()
        # Bound, but nobody listens: whoever calls this port is refused, and no other takes it.
        self._deaf = socket.socket()
        self._deaf.bind(("127.0.0.1", 0))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._deaf.close()
        super().__exit__(kind, error, trace)

    def options(self, fails: str | None = None) -> dict[str, Any]:
        """How a channel finds the partner, or one that ``fails``."""
        port = self._deaf.getsockname()[1] if fails == "unreachable" else self.port
        return {"url": f"http://127.0.0.1:{port}", "private_partners": ["127.0.0.0/8"]}

    def forget(self) -> None:
        """Be as if nothing had come yet."""
        self.script.clear()
        self.heard.clear()

    def prepare(self, act: Act | None) -> None:
        """Do this with the next call alone; without it do what is usual."""
        self.script[:] = [act] if act else []

    def wait_for(self, number: int) -> None:
        """Wait until so many calls were heard and what was prepared is done: a caller may give up
        before its call is read."""
        until = time.monotonic() + _MOST_WAIT
        while (len(self.heard) < number or self.script) and time.monotonic() < until:
            time.sleep(0.01)


def answers(
    status: int = 200,
    body: str = "",
    content_type: str = "text/plain; charset=utf-8",
    headers: Mapping[str, str] | None = None,
) -> Act:
    """One answer; a header of the same name takes the place of the usual one."""
    given = dict(headers or {})
    named = {name.lower(): name for name in given}
    if "content-type" in named:
        content_type = given.pop(named["content-type"])
    for usual in ("content-length", "connection"):
        given.pop(named.get(usual, ""), None)
    return says("" if status in (204, 304) else body, status, content_type, given)


def fails(how: str) -> Act | None:
    """``timeout`` says nothing, ``break`` hangs up; ``unreachable`` does nothing at all."""
    return _FAILS.get(how)


def told_call(heard: Heard) -> dict[str, Any]:
    """What was sent by ``http``, as a case may expect it; headers that prove something are left
    out."""
    headers = {name: one for name, one in heard.headers.items() if name not in _UNTOLD}
    found = {
        "method": heard.method, "path": heard.path, "query": heard.query, "headers": headers,
    }  # fmt: skip
    return {**found, "body": _body(heard)} if heard.body else found


def told_message(heard: Heard) -> dict[str, Any]:
    """What was posted by ``webhook``, with its parts and whether its signature is right."""
    said = heard.json
    return {
        **told_call(heard),
        "type": said["type"],
        "data": said["data"],
        "signed": _signed(heard),
    }


def _body(heard: Heard) -> Any:
    kind = heard.headers.get("content-type", "").partition(";")[0].strip()
    if kind == "application/json":
        return json.loads(heard.body)
    return heard.form if kind == "application/x-www-form-urlencoded" else heard.body.decode()


def _signed(heard: Heard) -> bool:
    keys = signing.read_secrets(SECRET)
    try:
        signing.verify(heard.headers, heard.body, keys, int(time.time()))
    except NotGenuine:
        return False
    return True
