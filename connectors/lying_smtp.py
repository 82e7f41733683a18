"""An SMTP server that does what it is told to, on a free port of this machine.

For tests only: it needs the package ``aiosmtpd``.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Literal, Self
from weakref import WeakSet

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

Stage = Literal["MAIL", "RCPT", "DATA"]
Lie = str | Literal["vanish", "take_and_vanish", "silence"]


@dataclass(frozen=True)
class Received:
    """One message that the server took."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes
    login: str | None


@dataclass
class LyingServer:
    """Use it in a ``with`` block; ``host`` and ``port`` say where it listens.

    ``lies`` names, per stage, what happens in turn: a reply such as ``"451 later"``;
    ``"vanish"`` (the connection breaks); ``"take_and_vanish"`` (DATA: the message is taken, the
    reply is not sent); ``"silence"`` (no reply for a long time). An empty reply tells no lie.
    """

    lies: dict[Stage, list[Lie]] = field(default_factory=dict)
    passwords: dict[str, str] = field(default_factory=dict)
    tls: ssl.SSLContext | None = None
    wrapped: bool = False
    """With ``tls``: encrypted from the first byte, in place of STARTTLS."""
    pipelining: bool = True
    """Whether it lets callers say several things at once, as servers do (RFC 2920)."""
    received: list[Received] = field(default_factory=list)
    host: str = "127.0.0.1"
    port: int = 0
    talks: WeakSet[asyncio.Transport] = field(default_factory=WeakSet)
    """Connections of callers that may be open."""
    greeted: int = 0
    """How many callers came."""

    def __enter__(self) -> Self:
        self._controller = _OnSocket(self)
        self.port = self._controller.port
        self._controller.start()
        # The first one was the controller itself, to see whether it listens.
        self.greeted = 0
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        loop = self._controller.loop
        asyncio.run_coroutine_threadsafe(self._hang_up(), loop).result(5)
        self._controller.stop()

    async def _hang_up(self) -> None:
        """Those who send mail keep their talks for the next letter."""
        for transport in list(self.talks):
            transport.abort()
        await asyncio.sleep(0)

    async def handle_EHLO(  # noqa: N802  # aiosmtpd calls it so.
        self, server: SMTP, session: Session, envelope: Envelope, name: str, told: list[str]
    ) -> list[str]:
        session.host_name = name
        return [told[0], "250-PIPELINING", *told[1:]] if self.pipelining else told

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, sender: str, options: list[str]
    ) -> str:
        envelope.mail_from = sender
        return await self._say("MAIL", server) or "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, to: str, options: list[str]
    ) -> str:
        reply = await self._say("RCPT", server)
        if not reply:
            envelope.rcpt_tos.append(to)
        return reply or "250 OK"

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        lie = self._next("DATA")
        if lie in {"", "take_and_vanish"}:
            self._keep(session, envelope)
        return await self._tell("DATA", lie, server) or "250 kept"

    def _keep(self, session: Session, envelope: Envelope) -> None:
        login = session.auth_data.login.decode() if session.auth_data else None
        content = envelope.original_content or b""
        sender, to = envelope.mail_from or "", tuple(envelope.rcpt_tos)
        self.received.append(Received(sender, to, content, login))

    async def _say(self, stage: Stage, server: SMTP) -> str:
        return await self._tell(stage, self._next(stage), server)

    def _next(self, stage: Stage) -> str:
        planned = self.lies.get(stage)
        return planned.pop(0) if planned else ""

    async def _tell(self, stage: Stage, lie: str, server: SMTP) -> str:
        if lie in {"vanish", "take_and_vanish"}:
            _break(server)
            return "421 gone"
        if lie == "silence":
            await asyncio.sleep(60)
        return lie

    def check(self, mechanism: str, login: bytes, password: bytes) -> bool:
        return self.passwords.get(login.decode()) == password.decode()


def _break(server: SMTP) -> None:
    if isinstance(server.transport, asyncio.Transport):
        server.transport.abort()


class _Talk(SMTP):
    """One talk, which its server knows of."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if isinstance(transport, asyncio.Transport):
            self.event_handler.talks.add(transport)
            self.event_handler.greeted += 1
        super().connection_made(transport)


class _OnSocket(Controller):
    """A controller on a socket that is already bound, so that the port cannot be lost."""

    def __init__(self, owner: LyingServer) -> None:
        self._owner = owner
        # The event loop sends small replies at once only where the socket says that it is TCP.
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._socket.bind((owner.host, 0))
        self._socket.listen(100)
        wrapped = owner.tls if owner.wrapped else None
        port = self._socket.getsockname()[1]
        super().__init__(owner, hostname=owner.host, port=port, ssl_context=wrapped)

    def factory(self) -> SMTP:
        owner = self._owner
        return _Talk(
            owner,
            tls_context=None if owner.wrapped else owner.tls,
            authenticator=_authenticator(owner) if owner.passwords else None,
            auth_require_tls=False,
            ident="lying",
            hostname="lying.test",
        )

    def _create_server(self) -> Any:
        return self.loop.create_server(
            self._factory_invoker, sock=self._socket, ssl=self.ssl_context
        )


def _authenticator(owner: LyingServer) -> Callable[..., Any]:
    def authenticate(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> Any:
        known = isinstance(data, LoginPassword) and owner.check(
            mechanism, data.login, data.password
        )
        return AuthResult(success=known, handled=False, auth_data=data)

    return authenticate
