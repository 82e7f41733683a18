"""OAuth 2.0 client credentials (RFC 6749, 4.4): a token is asked for once and used until it ends.

Tokens live in the memory of the process alone. A partner may withdraw one at any time, which
shows as 401: then it is forgotten and asked for once more.
"""

from __future__ import annotations

import hashlib
import re
import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from time import monotonic
from typing import Any, Literal
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

    @property
    def place(self) -> str:
        """What tells two clients apart, without the secret itself."""
        asked = (self.scope, self.audience, self.sent_in, self.refresh)
        parts = (self.url, self.id, self.secret, *asked)
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()


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
        with self._lock:
            token, until = self._known.get(client.place, ("", 0.0))
        if monotonic() < until:
            return token
        token, seconds = ask(client, like)
        with self._lock:
            self._known[client.place] = (token, monotonic() + seconds)
            self._known.move_to_end(client.place)
            while len(self._known) > KEPT:
                self._known.popitem(last=False)
        return token

    def forget(self, client: Client, token: str) -> None:
        """Do not use this token again; another one that came meanwhile stays."""
        with self._lock:
            if self._known.get(client.place, ("",))[0] == token:
                del self._known[client.place]


TOKENS = Tokens()
"""Those of this process."""


class _BadToken(BadReply):
    # Without a token no call goes out, so this is never one call's alone. Its words are BadReply's.
    health = "ill"


def ask(client: Client, like: Request) -> tuple[str, float]:
    """A new token and the seconds for which it may be used; asking twice harms nobody."""
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
        return _read(fetch(request))
    except AddressRefused:
        raise
    except Permanent as refused:
        raise NotAdmitted(refused.detail, code="oauth") from None


def _read(reply: Reply) -> tuple[str, float]:
    if reply.status >= 500 or reply.status == 429:
        wait = reply.retry_after
        raise Transient(f"token: {reply.status}", code="oauth", retry_after=wait)
    said = _json(reply)
    if reply.status != 200:
        # RFC 6749, 5.2: the codes are of a list; nothing else of the answer is repeated.
        raise NotAdmitted(f"token: {reply.status} {_word(said.get('error'))}", code="oauth")
    token, kind = said.get("access_token"), said.get("token_type", "bearer")
    if not isinstance(token, str) or not _TOKEN.fullmatch(token) or str(kind).lower() != "bearer":
        raise _BadToken("no bearer token came", code="oauth")
    return token, _seconds(said.get("expires_in"))


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
