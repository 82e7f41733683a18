"""The door of every route: who comes in, whether they may, and what the browser is told.

It stands before all handlers. A bearer token speaks for programs on ``/api``; the signed
cookie speaks for people everywhere else, and only together with a CSRF token.
"""

from __future__ import annotations

from flask import Flask, Response, g, request, session
from flask_wtf.csrf import CSRFProtect
from werkzeug.exceptions import BadRequest

from app import clock_now
from app.access import NOBODY, Actor
from app.addresses import holds_nul
from app.db import end_reading
from app.errors import Forbidden, NotSignedIn
from app.models import User
from app.routes import may_enter
from app.services.accounts import api_tokens, people

csrf = CSRFProtect()

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; "
    "img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)


def init_app(app: Flask) -> None:
    """Put the guard before every request and the security headers on every answer."""
    app.before_request(find_visitor)
    csrf.init_app(app)
    app.before_request(check_entry)
    app.before_request(refuse_nul)
    app.after_request(add_headers)
    app.after_request(end_reading_request)


def find_visitor() -> None:
    """Set ``g.user``, ``g.actor`` and ``g.now``, before anything is refused: the page of a refusal,
    of a form open too long and of an unknown address stands in the shell of who reads it."""
    g.user, g.actor, g.now = None, NOBODY, clock_now()
    if not is_api() and not _is_static():
        g.user = _session_user()
        g.actor = people.actor_of(g.user) if g.user else NOBODY
    elif is_api() and request.endpoint is not None:
        g.actor = _token_actor()


def check_entry() -> None:
    """Let only those in whom the route's rule names.

    Raises NotSignedIn or Forbidden; an unknown address goes on to its 404.
    """
    endpoint = request.endpoint
    if endpoint is None or _is_static():
        return
    if not may_enter(endpoint, g.actor):
        raise NotSignedIn if g.actor is NOBODY else Forbidden


def _is_static() -> bool:
    endpoint = request.endpoint or ""
    return endpoint == "static" or endpoint.endswith(".static")


def refuse_nul() -> None:
    """Raise BadRequest for texts that cannot be stored; the API names the field itself, and what
    partners' systems send is signed as it came, so nothing may be read of it before."""
    if not is_api() and request.blueprint != "hooks" and holds_nul(request):
        raise BadRequest


def is_api() -> bool:
    """Whether this request is for programs, which never use the cookie."""
    return request.path.startswith("/api/")


def _token_actor() -> Actor:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        return NOBODY
    return api_tokens.find_actor(token.strip(), clock_now()) or NOBODY


def _session_user() -> User | None:
    user_id, epoch = session.get("user_id"), session.get("epoch")
    if not isinstance(user_id, int) or not isinstance(epoch, int):
        return None
    return people.find_user(user_id, epoch, g.now)


def begin_session(user: User) -> None:
    """Sign the user in on this browser, with a fresh session."""
    session.clear()
    session["user_id"], session["epoch"] = user.id, user.session_epoch


def end_session() -> None:
    """Sign out on this browser."""
    session.clear()


def actor() -> Actor:
    """Who acts in this request."""
    found: Actor = g.actor
    return found


def end_reading_request(response: Response) -> Response:
    """End the transaction of a request that by its method only reads (RFC 9110 9.2.1)."""
    if request.method in ("GET", "HEAD") and response.status_code < BadRequest.code:
        end_reading()
    return response


def add_headers(response: Response) -> Response:
    """The headers that keep a page to itself; only static files are stored anywhere."""
    headers = response.headers
    headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    if request.endpoint != "static":
        headers.setdefault("Cache-Control", "no-store")
    return response
