"""An SMS gateway for tests, on 127.0.0.1: it speaks the wire formats of the real ones, and lies
when told to. It ships with the product, so that those who write processes can test them."""

from __future__ import annotations

import http.client
import json
import socket
import struct
import threading
from collections import deque
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from types import TracebackType
from typing import Any, Literal
from urllib.parse import urlencode, urlsplit

from connectors.fake_sms_shapes import Asked, Came, Given, HookCall, Taken, read_target
from connectors.fake_sms_wires import WIRES, inbound_call, report_call

Lie = Literal[
    "throttle", "away", "reset", "reset_after", "html", "html_after", "crash_after", "slow"
]
"""``throttle``: 429 and wait 30 s. ``away``: 503. ``reset``: cut before the message is taken.
``reset_after``: taken, then cut. ``html``: a page with status 200, not taken. ``html_after``:
taken, then the page. ``crash_after``: taken, then 500. ``slow``: no answer until ``close``."""

OPTIONS: dict[str, dict[str, Any]] = {
    "kavenegar": {"key": "secret/key-1", "line": "10004346"},
    "smsir": {"key": "secret/key-1", "line": "30004505000017"},
    "melipayamak": {"user": "peygir", "password": "secret/pass-1", "line": "50004000"},
    "ippanel": {"key": "secret/key-1", "line": "+983000505"},
    "twilio": {"user": "AC1", "key": "secret/key-1", "line": "+15551234567"},
    "generic": {
        "key": "secret/key-1", "line": "3000", "content": "json",
        "form_fields": "message.to = {to}\nmessage.text = {text}\nmessage.from = {line}\n"
        "message.ref = {reference}",
        "headers": "X-Key: {key}", "id_at": "result.ids[0]", "state_at": "result.code",
        "accepted": "ok", "temporary": "busy, wait", "words_at": "$.result.words",
        "cost_at": "result.price", "currency": "IRR", "report_state_at": "result.state",
        "delivered": "delivered", "failed": "failed",
    },
}  # fmt: skip
"""The options of a channel to the fake, but for its address."""


class SmsGateway:
    """Answers on a port of its own while it is open. What it has taken is in ``messages``.

    With SmsGateway("kavenegar") as gateway: ... ``gateway.options()`` is what a channel needs.
    """

    def __init__(self, preset: str = "kavenegar") -> None:
        self.preset = preset
        self.messages: list[Taken] = []
        self.inbox: list[Came] = []
        self.lies: deque[Lie] = deque()
        self.asked: list[Asked] = []
        """Every request, in order."""
        self._ids = count(_FIRST)
        self._guard = threading.Lock()
        self.closing = threading.Event()
        self._server = _Server(self)

    def __enter__(self) -> SmsGateway:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()

    def forget(self) -> None:
        """Be as if nothing had come yet: also its ids begin anew."""
        with self._guard:
            for kept in (self.messages, self.inbox, self.lies, self.asked):
                kept.clear()
            self._ids = count(_FIRST)

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def options(self, **more: Any) -> dict[str, Any]:
        """The options of a channel that goes to this gateway."""
        url = self.url + {"ippanel": "/v1", "generic": "/send"}.get(self.preset, "")
        own = {"preset": self.preset, "url": url, "private_partners": ["127.0.0.0/8"]}
        if self.preset == "generic":
            own["report_url"] = f"{self.url}/state?id={{id}}"
        return {**own, **OPTIONS[self.preset], **more}

    def then(self, *lies: Lie) -> SmsGateway:
        """Lie in turn to the next requests that would send something."""
        self.lies.extend(lies)
        return self

    def take(self, to: str, text: str, **more: Any) -> Taken:
        """Take a message as a request would have it taken."""
        with self._guard:
            taken = Taken(next(self._ids), to, text, **more)
            self.messages.append(taken)
            return taken

    def came(self, sender: str, text: str, line: str | None = None, at: int = 1763800000) -> Came:
        """Put a message of somebody into the inbox."""
        line = line or OPTIONS[self.preset]["line"]
        found = Came(next(self._ids), sender, line, text, at)
        self.inbox.append(found)
        return found

    def report(self, taken: Taken, state: str = "delivered") -> HookCall:
        """The call that tells us what became of a message."""
        taken.state = state
        return report_call(self.preset, taken)

    def inbound(self, sender: str, text: str) -> HookCall:
        """The call that tells us of a message that came in."""
        return inbound_call(self.preset, self.came(sender, text))

    def call(self, url: str, hook: HookCall, times: int = 2) -> list[int]:
        """Make the call, as often as gateways repeat theirs; the statuses of the answers."""
        return [_post(url, hook) for _ in range(times)]

    def answer(self, asked: Asked) -> Given | Lie:
        """What this request gets: its answer, or the lie that takes its place."""
        self.asked.append(asked)
        lie = self.lies.popleft() if self.lies and _sends(asked) else None
        if lie in ("throttle", "away", "reset", "html", "slow"):
            return lie
        given = WIRES[self.preset](self, asked)
        return lie or given


_FIRST = 85463200
"""The id of the first message."""
_READING = ("info", "receive", "status", "GetCredit", "GetMessages", "GetDeliveries2", "inbox")


def _sends(asked: Asked) -> bool:
    return asked.method in ("POST", "PUT") and not any(one in asked.path for one in _READING)


def _post(url: str, hook: HookCall) -> int:
    place = urlsplit(url)
    connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=10)
    target = place.path + (f"?{urlencode(hook.query)}" if hook.query else "")
    headers = {"Content-Type": hook.content_type} if hook.content_type else {}
    try:
        connection.request(hook.method, target, hook.body or None, headers)
        return connection.getresponse().status
    finally:
        connection.close()


_PAGE = b"<!doctype html><title>Maintenance</title><p>Please come again.</p>"


class _Handler(BaseHTTPRequestHandler):
    """Hands every request to the gateway of its server."""

    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:  # The names are those that the base looks for.
        self._take()

    def do_POST(self) -> None:
        self._take()

    def do_PUT(self) -> None:
        self._take()

    def do_OPTIONS(self) -> None:
        self._take()

    def log_message(self, *words: Any) -> None:
        """Addresses hold keys and are written nowhere."""

    def finish(self) -> None:
        with suppress(OSError, ValueError):
            super().finish()

    def _take(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        path, query = read_target(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        asked = Asked(self.command, path, query, headers, self.rfile.read(length))
        given = self.server.gateway.answer(asked)
        if isinstance(given, Given):
            self._say(given.status, json.dumps(given.value).encode(), "application/json")
        else:
            self._lie(given)

    def _lie(self, lie: Lie) -> None:
        if lie == "slow":
            self.server.gateway.closing.wait()
        if lie in ("reset", "reset_after"):
            self._cut()
        else:
            status = {"throttle": 429, "away": 503, "crash_after": 500}.get(lie, 200)
            self._say(status, _PAGE, "text/html")

    def _cut(self) -> None:
        linger = struct.pack("ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.close_connection = True
        self.connection.close()

    def _say(self, status: int, body: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        if status == 429:
            self.send_header("Retry-After", "30")
        self.end_headers()
        with suppress(OSError):
            self.wfile.write(body)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, gateway: SmsGateway) -> None:
        self.gateway = gateway
        super().__init__(("127.0.0.1", 0), _Handler)
