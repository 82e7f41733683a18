"""OAuth 2.0 client credentials (RFC 6749, 4.4): a token is asked for once and used until it ends.

Tokens live in the memory of the process alone. A partner may withdraw one at any time, which
shows as 401: then it is forgotten and asked for once more.

With a refresh token a partner may give another one in its place each time (RFC 6749, 6), and take
back both when the old one comes once more (RFC 9700, 4.14). So a :class:`Keeper` lets one process
at a time ask, with the refresh token that holds then, and keeps the new one.
"""

from __future__ import annotations

import hashlib
import re
import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from time import monotonic
from typing import Any, Literal, Protocol
from urllib.parse import quote_plus, urlencode

from connectors import json_values
from connectors.errors import BadReply, NotAdmitted, Permanent, Transient
from connectors.networks import AddressRefused
from connectors.transport import Reply, Request, basic, fetch

USUAL = 300.0
"""Seconds that a token is used whose end the partner does not tell."""
MARGIN = 30.0
"""Seconds before its end from which a token is not used any more."""
KEPT = 200
"""Tokens that one process remembers."""
_TOKEN = re.compile(r"[\x21-\x7e]{1,8000}")


class NotGranted(NotAdmitted):
    """The server gives no more tokens: the owner has to agree anew, or the client is wrong."""

    persian = "سرور دیگر توکنی نمی‌دهد: صاحب آن باید دوباره اجازه بدهد، یا رمز OAuth نادرست است."
    default_code = "oauth"


class Keeper(Protocol):
    """Who keeps the refresh token of one client for all processes together."""

    def turn(self, held: str) -> AbstractContextManager[str]:
        """While it lasts nobody else asks; gives the refresh token that holds now, ``held`` where
        none is kept."""

    def keep(self, used: str, given: str) -> None:
        """A token was given for ``used``; ``given`` is the refresh token from now on."""

    def refused(self) -> None:
        """No token is given any more until a person puts in another refresh token."""


@dataclass(frozen=True)
class Client:
    """Who asks for tokens and where."""

    url: str
    id: str
    secret: str = field(repr=False)
    scope: str = ""
    audience: str = ""
    sent_in: Literal["header", "body"] = "header"
    """How the client names itself: HTTP Basic, as RFC 6749 prefers, or in the form."""
    refresh: str = field(default="", repr=False)
    """A refresh token that a person was given (RFC 6749, 6), where the client acts for them."""
    keeper: Keeper | None = field(default=None, repr=False, compare=False)

    @property
    def place(self) -> str:
        """What tells two clients apart, without the secret itself."""
        asked = (self.scope, self.audience, self.sent_in, self.refresh)
        parts = (self.url, self.id, self.secret, *asked)
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()


@dataclass(frozen=True)
class Granted:
    """What the partner gave."""

    token: str = field(repr=False)
    seconds: float
    """How long it may be used."""
    refresh: str = field(default="", repr=False)
    """The refresh token in place of the one that was used; empty while that one goes on."""


@dataclass
class Tokens:
    """Remembers tokens until they end."""

    _known: OrderedDict[str, tuple[str, float]] = field(default_factory=OrderedDict, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def get(self, client: Client, like: Request) -> str:
        """A token that is still good; asks the partner when none is known.

        Raises Transient in whatever way asking fails, for the call itself was not made, and
        ``AddressRefused``.
        """
        known = self._known_of(client)
        if known:
            return known
        with _turn(client) as current:
            # Another thread may have asked while this one waited for its turn.
            return self._known_of(current) or self._asked(current, client, like)

    def _asked(self, current: Client, client: Client, like: Request) -> str:
        granted = ask(current, like)
        until = monotonic() + granted.seconds
        following = replace(current, refresh=granted.refresh or current.refresh)
        with self._lock:
            for place in {client.place, following.place}:
                self._known[place] = (granted.token, until)
                self._known.move_to_end(place)
            while len(self._known) > KEPT:
                self._known.popitem(last=False)
        if client.keeper is not None:
            client.keeper.keep(current.refresh, following.refresh)
        return granted.token

    def _known_of(self, client: Client) -> str:
        with self._lock:
            token, until = self._known.get(client.place, ("", 0.0))
        return token if monotonic() < until else ""

    def forget(self, token: str) -> None:
        """Do not use this token again; another one that came meanwhile stays."""
        with self._lock:
            for place in [one for one, (known, _) in self._known.items() if known == token]:
                del self._known[place]


@contextmanager
def _turn(client: Client) -> Iterator[Client]:
    """The client with the refresh token that holds now, as long as nobody else asks with it."""
    if client.keeper is None:
        yield client
        return
    with client.keeper.turn(client.refresh) as refresh:
        try:
            yield replace(client, refresh=refresh)
        except NotGranted:
            client.keeper.refused()
            raise


TOKENS = Tokens()
"""Those of this process."""


class _BadToken(BadReply):
    # Without a token no call goes out, so this is never one call's alone. Its words are BadReply's.
    health = "ill"


def ask(client: Client, like: Request) -> Granted:
    """A new token. Raises NotGranted where the partner says that the refresh token gives none any
    more, and Transient for whatever else goes wrong, and ``AddressRefused``."""
    grant = "refresh_token" if client.refresh else "client_credentials"
    form = {"grant_type": grant, "scope": client.scope, "audience": client.audience}
    form["refresh_token"] = client.refresh
    headers = {"Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded"}
    if client.sent_in == "body":
        form |= {"client_id": client.id, "client_secret": client.secret}
    else:
        headers["Authorization"] = basic(quote_plus(client.id), quote_plus(client.secret))
    body = urlencode({name: one for name, one in form.items() if one}).encode()
    request = replace(like, method="POST", url=client.url, headers=headers, body=body, repeat=True)
    try:
        return _read(fetch(request), NotGranted if client.refresh else NotAdmitted)
    except AddressRefused:
        raise
    except Permanent as refused:
        raise NotAdmitted(refused.detail, code="oauth") from None


def _read(reply: Reply, for_good: type[NotAdmitted]) -> Granted:
    if reply.status >= 500 or reply.status == 429:
        wait = reply.retry_after
        raise Transient(f"token: {reply.status}", code="oauth", retry_after=wait)
    said = _json(reply)
    if reply.status != 200:
        # RFC 6749, 5.2: the codes are of a list; nothing else of the answer is repeated.
        word = _word(said.get("error"))
        family = for_good if word in _FOR_GOOD else NotAdmitted
        raise family(f"token: {reply.status} {word}", code="oauth")
    token, kind = said.get("access_token"), said.get("token_type", "bearer")
    if not isinstance(token, str) or not _TOKEN.fullmatch(token) or str(kind).lower() != "bearer":
        raise _BadToken("no bearer token came", code="oauth")
    return Granted(token, _seconds(said.get("expires_in")), _refresh(said.get("refresh_token")))


_FOR_GOOD = frozenset({"invalid_grant", "invalid_client", "unauthorized_client"})


def _refresh(told: object) -> str:
    return told if isinstance(told, str) and _TOKEN.fullmatch(told) else ""


def _json(reply: Reply) -> Mapping[str, Any]:
    try:
        said = json_values.read(reply.text)
    except json_values.BadJson:
        said = None
    if isinstance(said, Mapping):
        return said
    if reply.status == 200:
        raise _BadToken(f"token: {reply.content_type[:60] or 'nothing'}, not JSON", code="oauth")
    return {}


def _word(text: object) -> str:
    return re.sub(r"[^a-z_]", "", str(text or ""))[:40]


def _seconds(told: object) -> float:
    try:
        seconds = float(str(told))
    except ValueError:
        return USUAL
    return max(min(seconds, 86_400.0) - MARGIN, 0.0) if seconds > 0 else USUAL
