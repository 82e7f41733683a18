"""Sends letters by SMTP.

Whatever goes wrong before the server has seen the end of the message is transient or, when the
server says 5xx about the message itself, permanent. Only the time between the final dot and the
reply to it is unknown.
"""

from __future__ import annotations

import re
import smtplib
import socket
import ssl
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from types import TracebackType
from typing import Literal, Self, cast
from urllib.parse import unquote, urlsplit

from connectors import deadlines, dkim
from connectors.errors import (
    DeliveryFailed,
    LostReply,
    NotAdmitted,
    NotConnected,
)
from connectors.letters import Accepted, Letter, wire_bytes
from connectors.smtp_envelope import BROKEN, announce
from connectors.smtp_replies import admit, judge, readable, unencrypted
from connectors.smtp_sessions import KEPT, part
from connectors.smtp_tls import Seen

Security = Literal["none", "tls", "starttls"]

_SCHEMES: dict[str, tuple[Security, int]] = {
    "smtp": ("none", 25),
    "smtps": ("tls", 465),
    "smtp+starttls": ("starttls", 587),
}


@dataclass(frozen=True)
class SmtpServer:
    """Where mail goes out. Its ``repr`` shows no secret."""

    host: str
    port: int
    security: Security = "none"
    user: str = ""
    password: str = field(default="", repr=False)
    trust: str = field(default="", repr=False)
    """Certificates, in PEM, of authorities this server is trusted by, besides the usual."""


def smtp_server(url: str) -> SmtpServer:
    """Read ``smtp://``, ``smtps://`` or ``smtp+starttls://user:password@host:port``.

    User and password are percent-decoded. Raises ``ValueError`` without repeating the URL,
    which holds a password.
    """
    try:
        parts = urlsplit(url)
        port, host = parts.port, parts.hostname
    except ValueError:
        raise ValueError("the SMTP URL has no valid host and port") from None
    if parts.scheme not in _SCHEMES:
        raise ValueError("the SMTP URL must begin with smtp://, smtps:// or smtp+starttls://")
    if not host or parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError("the SMTP URL must be scheme://user:password@host:port and no more")
    security, usual_port = _SCHEMES[parts.scheme]
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    return SmtpServer(host, port or usual_port, security, user, password)


def send(
    letter: Letter,
    server: SmtpServer,
    *,
    signer: dkim.Signer | None = None,
    timeout: float = 20,
    deadline: float = 90,
    tls: ssl.SSLContext | None = None,
) -> Accepted:
    """Hand one letter to the server, for all its recipients or for none.

    ``signer`` signs it by DKIM. ``timeout`` bounds every single wait and ``deadline`` the whole
    talk, in seconds. Raises :class:`Transient`, :class:`Permanent` or :class:`Unknown` of
    ``connectors.errors``.
    """
    content = wire_bytes(letter)
    if signer is not None:
        content = dkim.sign(content, signer, letter.written_at)
    content = _stuffed(content)
    way = _Way(server, letter.sender.domain, timeout, tls)
    with _Cut(deadline) as cut:
        client = _announced_on_a_kept(way, letter, cut) or _announced(way, letter, cut)
        try:
            accepted = _hand_over(client, content, letter, server)
        except BaseException:
            client.close()
            raise
    KEPT.give(way, client)
    return accepted


@dataclass(frozen=True)
class _Way:
    """What makes one talk as good as another."""

    server: SmtpServer
    own_name: str
    timeout: float
    tls: ssl.SSLContext | None


def _announced_on_a_kept(way: _Way, letter: Letter, cut: _Cut) -> smtplib.SMTP | None:
    """A kept talk in which the server waits for the content; None when none is good any more."""
    while (client := KEPT.take(way)) is not None:
        cut.client = client
        try:
            announce(client, letter, way.server)
        except DeliveryFailed as failure:
            client.close()
            # It had enough of this talk, not of the letter.
            if not isinstance(failure, NotConnected) and failure.code != "smtp_421":
                raise
        else:
            return client
    return None


def _announced(way: _Way, letter: Letter, cut: _Cut) -> smtplib.SMTP:
    """A new talk in which the server waits for the content."""
    client = _connected(way, cut)
    try:
        announce(client, letter, way.server)
    except BaseException:
        client.close()
        raise
    return client


def greet(
    own_name: str,
    server: SmtpServer,
    *,
    timeout: float = 20,
    deadline: float = 90,
    tls: ssl.SSLContext | None = None,
) -> str:
    """Connect, encrypt and log in as for a letter, send none, and return what the server says.

    ``own_name`` is the domain by which we introduce ourselves. Raises :class:`Transient`.
    """
    with _Cut(deadline) as cut:
        client = _connected(_Way(server, own_name, timeout, tls), cut)
        try:
            code, words = client.noop()
        except BROKEN as error:
            raise NotConnected(type(error).__name__) from None
        finally:
            part(client)
    admit(code, words, 250, server)
    return f"{code} {readable(words, server)}"


def _connected(way: _Way, cut: _Cut) -> smtplib.SMTP:
    """A client that is greeted, encrypted and logged in."""
    # Reading all authorities of the machine takes longer than a whole talk.
    is_plain = way.server.security == "none"
    context = way.tls or (None if is_plain else _trusting(way.server.trust))
    cut.client = client = _client(way.server, way.own_name, way.timeout, context)
    try:
        _open(client, way.server, context)
    except BaseException:
        client.close()
        raise
    return client


@lru_cache(maxsize=64)
def _trusting(trust: str) -> ssl.SSLContext:
    """Trusts the usual authorities and these; for every talk of this process."""
    context = ssl.create_default_context()
    if trust:
        context.load_verify_locations(cadata=trust)
    return context


def _client(
    server: SmtpServer, own_name: str, timeout: float, context: ssl.SSLContext | None
) -> smtplib.SMTP:
    """Make an unconnected client; it gets our name, for else it would ask DNS for one."""
    if server.security == "tls" and context is not None:
        seen = Seen(context)
        client = smtplib.SMTP_SSL(
            local_hostname=own_name, timeout=timeout, context=cast("ssl.SSLContext", seen)
        )
        seen.client = client
        return client
    return smtplib.SMTP(local_hostname=own_name, timeout=timeout)


class _Cut:
    """Ends a talk that takes too long: the waiting thread then sees a closed connection."""

    def __init__(self, deadline: float) -> None:
        self.client: smtplib.SMTP | None = None
        self._deadline, self._is_over = deadline, False

    def __enter__(self) -> Self:
        self._end = deadlines.after(self._deadline, self._cut)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._is_over = True
        self._end.call_off()

    def _cut(self) -> None:
        """It goes on cutting until the talk is over, for a connection may come about late."""
        if self._is_over:
            return
        if self.client is not None and self.client.sock is not None:
            with suppress(OSError):
                # The socket itself, not its TLS: that one would fall back to plain text.
                socket.socket.shutdown(self.client.sock, socket.SHUT_RDWR)
        self._end = deadlines.after(0.5, self._cut)


def _open(client: smtplib.SMTP, server: SmtpServer, context: ssl.SSLContext | None) -> None:
    """Connect and log in. The message has not been judged yet, so every failure is transient."""
    try:
        client._host = server.host  # type: ignore[attr-defined]  # the name TLS checks
        code, words = client.connect(server.host, server.port)
        if client.sock is not None:
            # The dot at the end would wait until the server has confirmed the bytes before it.
            client.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        admit(code, words, 220, server)
        client.ehlo_or_helo_if_needed()
        if server.security == "starttls" and context is not None:
            client.starttls(context=cast("ssl.SSLContext", Seen(context, client)))
            client.ehlo()
        if server.user:
            client.login(server.user, server.password)
    except smtplib.SMTPAuthenticationError as error:
        raise NotAdmitted(f"login refused with {error.smtp_code}") from None
    except (smtplib.SMTPNotSupportedError, ssl.SSLError) as error:
        raise unencrypted(error) from None
    except (OSError, smtplib.SMTPException) as error:
        raise NotConnected(f"{type(error).__name__} at {server.host}:{server.port}") from None


def _hand_over(
    client: smtplib.SMTP, content: bytes, letter: Letter, server: SmtpServer
) -> Accepted:
    try:
        client.send(content)
    except BROKEN as error:
        # The final dot has not been sent, so no server can have taken the message.
        raise NotConnected(type(error).__name__) from None
    try:
        client.send(b".\r\n")
        code, words = client.getreply()
    except BROKEN as error:
        raise LostReply(type(error).__name__) from None
    judge(code, words, server, of_letter=True)
    return Accepted(letter.message_id, readable(words, server))


def _stuffed(content: bytes) -> bytes:
    """Double the dot that begins a line and end with a line break, as RFC 5321 4.5.2 asks."""
    lines = re.sub(rb"(?m)^\.", b"..", content)
    return lines if lines.endswith(b"\r\n") else lines + b"\r\n"
