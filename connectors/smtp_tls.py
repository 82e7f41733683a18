"""Agreeing on TLS with a mail server, in the sight of whoever ends talks that take too long."""

from __future__ import annotations

import smtplib
import socket
import ssl


class Seen:
    """Stands where smtplib expects a context. The library gives a client its socket only when all
    is agreed, and until then nobody could cut the talk; this one gives it before."""

    def __init__(self, context: ssl.SSLContext, client: smtplib.SMTP | None = None) -> None:
        self._context, self.client = context, client

    def wrap_socket(self, plain: socket.socket, *, server_hostname: str) -> ssl.SSLSocket:
        """The socket, once TLS is agreed on; raises what ``ssl`` raises."""
        wrapped = self._context.wrap_socket(
            plain, server_hostname=server_hostname, do_handshake_on_connect=False
        )
        if self.client is not None:
            self.client.sock = wrapped
        wrapped.do_handshake()
        return wrapped
