"""A mailbox by IMAP: what waits in it is read without a trace, and marked only when it is kept.

Nothing here decides what becomes of a mail. Every failure is one of the families of
``connectors.errors``, and none of them holds a secret.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from imaplib import IMAP4
from typing import Any, Literal

from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientError, LoginError

from connectors.errors import NotAdmitted, NotConnected
from connectors.masking import masked
from connectors.smtp_replies import unencrypted

Security = Literal["none", "tls", "starttls"]
KEYWORD = "PeygirTaken"
"""The keyword of mails that are kept already."""
TIMEOUT = 30.0
RENEW = 540.0
"""Seconds after which waiting begins anew, since servers end it after half an hour."""
LONGEST_HEAD = 64 * 1024
"""Bytes of headers that are read where they are all that is read."""
_BEGINNING = b"<0.%d>" % LONGEST_HEAD
_LOOK = 2.0
_BROKEN = (IMAPClientError, IMAP4.error, OSError, EOFError, ValueError, KeyError, AssertionError)


@dataclass(frozen=True)
class Server:
    """Where a mailbox is and how it is entered. Its ``repr`` shows no secret."""

    host: str
    port: int
    security: Security
    user: str
    password: str = field(default="", repr=False)
    token: str | None = field(default=None, repr=False)
    """An access token for XOAUTH2; it takes the place of the password."""
    trust: str = field(default="", repr=False)
    """Certificates, in PEM, of authorities this server is trusted by, besides the usual."""


@dataclass(frozen=True)
class Waiting:
    """A mail that nobody has kept yet."""

    uid: int
    size: int
    """Bytes, as the server tells."""


Told = Callable[[], AbstractContextManager[None]]
"""Tells what goes wrong within it in our own words."""


class Mailbox:
    """An open folder. Use :func:`opened`; it serves one thread."""

    def __init__(self, client: IMAPClient, folder: str, done: str, told: Told) -> None:
        self._client, self._done, self._told = client, done, told
        self._idles = bool(client.has_capability("IDLE"))
        chosen = client.select_folder(folder)
        self.uidvalidity = int(chosen[b"UIDVALIDITY"])
        flags = {bytes(one) for one in chosen.get(b"PERMANENTFLAGS", ())}
        can_keep = rb"\*" in flags or KEYWORD.encode() in flags
        # Without keywords of our own only “seen” is left to tell what is kept.
        self._flag = KEYWORD.encode() if can_keep else rb"\Seen"
        if done and not client.folder_exists(done):
            client.create_folder(done)
            client.subscribe_folder(done)

    def waiting(self, most: int) -> list[Waiting]:
        """The oldest mails that are not marked, with their sizes asked for first."""
        with self._told():
            wanted = ["UNSEEN"] if self._flag == rb"\Seen" else ["UNKEYWORD", KEYWORD]
            uids = sorted(self._client.search([*wanted, "UNDELETED"]))[:most]
            sizes = self._client.fetch(uids, ["RFC822.SIZE"]) if uids else {}
            return [Waiting(uid, int(sizes[uid][b"RFC822.SIZE"])) for uid in uids if uid in sizes]

    def read(self, uid: int, *, head: bool = False) -> bytes | None:
        """The bytes of a mail, or the first ones of its headers alone, leaving it unseen; None when
        it is gone."""
        item, part = (b"BODY[HEADER]", _BEGINNING) if head else (b"BODY[]", b"")
        with self._told():
            found = self._client.fetch([uid], [item.replace(b"BODY", b"BODY.PEEK") + part])
            # Of a part the server tells where it begins.
            content = found.get(uid, {}).get(item + (b"<0>" if part else b""))
            return bytes(content) if content is not None else None

    def mark(self, uids: Sequence[int]) -> None:
        """Mark what is kept and move it away; a mark that is there already does no harm."""
        if not uids:
            return
        with self._told():
            self._client.add_flags(uids, [self._flag], silent=True)
            if self._done:
                self._move(uids)

    def wait(self, seconds: float, is_over: Callable[[], bool]) -> None:
        """Return when something comes in, when the time is up, or soon after it is over.

        A server without IDLE, or one that refuses it, is simply asked again after the time.
        """
        with self._told():
            idles = self._begin_idle()
            try:
                for _ in range(max(1, round(min(seconds, RENEW) / _LOOK))):
                    if is_over() or self._has_news(idles=idles):
                        break
            finally:
                if idles:
                    self._client.idle_done()
            if not idles:
                # Else some servers tell only the search after the next of what has come.
                self._client.noop()

    def _begin_idle(self) -> bool:
        """Whether the server tells by itself what comes in; one that has refused is not asked."""
        if self._idles:
            try:
                self._client.idle()
            except IMAP4.abort:
                raise
            except (IMAPClientError, IMAP4.error):
                self._idles = False
        return self._idles

    def _has_news(self, *, idles: bool) -> bool:
        if idles:
            return any(
                b"EXISTS" in one for one in self._client.idle_check(timeout=_LOOK) if len(one) > 1
            )
        # Listening on the socket makes a broken connection known at once.
        self._client._poll_socket(self._client.socket(), timeout=_LOOK)
        return False

    def _move(self, uids: Sequence[int]) -> None:
        if self._client.has_capability("MOVE"):
            self._client.move(uids, self._done)
        elif self._client.has_capability("UIDPLUS"):
            self._client.copy(uids, self._done)
            self._client.delete_messages(uids, silent=True)
            self._client.uid_expunge(uids)


@contextmanager
def opened(server: Server, folder: str, done: str) -> Iterator[Mailbox]:
    """The folder, entered; closed whatever happens.

    Raises ``NotConnected`` and ``NotAdmitted``, which are transient.
    """
    client = _connect(server)
    try:
        with _told(server):
            _log_in(client, server)
            box = Mailbox(client, folder, done, partial(_told, server))
        yield box
    finally:
        with suppress(*_BROKEN):
            client.logout()
        with suppress(*_BROKEN):
            client.shutdown()


def _connect(server: Server) -> IMAPClient:
    context = ssl.create_default_context()
    with _told(server):
        if server.trust:
            context.load_verify_locations(cadata=server.trust)
        client = IMAPClient(
            server.host, server.port, ssl=server.security == "tls", ssl_context=context,
            timeout=TIMEOUT,
        )  # fmt: skip
        if server.security == "starttls":
            client.starttls(context)
        client.normalise_times = False
        return client


def _log_in(client: IMAPClient, server: Server) -> None:
    if server.token is not None:
        client.oauth2_login(server.user, server.token)
    else:
        client.login(server.user, server.password)


@contextmanager
def _told(server: Server) -> Iterator[None]:
    """Tell what went wrong in our own words, without our secrets should the server repeat them."""
    secrets = [one for one in (server.password, server.token) if one]
    try:
        yield
    except LoginError as error:
        raise NotAdmitted(_words(error, secrets)) from None
    except ssl.SSLError as error:
        raise unencrypted(error) from None
    except _BROKEN as error:
        raise NotConnected(_words(error, secrets)) from None


def _words(error: Any, secrets: Sequence[str]) -> str:
    # Masked before it is cut, or half a secret might be left.
    said = masked(" ".join(str(error).split()), secrets)[:150]
    return f"{type(error).__name__}: {said}" if said else type(error).__name__
