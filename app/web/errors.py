"""Error pages: which class becomes which status, and what the person reads."""

from __future__ import annotations

import secrets
from typing import NamedTuple

from flask import Flask, current_app, g, redirect, render_template, request, session, url_for
from flask_babel import lazy_gettext as _
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from app.away import is_away
from app.errors import (
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    NotSignedIn,
    OperationRefused,
    PeygirError,
    TooLarge,
    TooManyAttempts,
    UnsupportedFile,
)
from app.i18n import current_instant, current_language
from app.services.execution.processes import InstanceSuspended

Page = tuple[str, int]

STATUS: tuple[tuple[type[PeygirError], int], ...] = (
    (NotFound, 404),
    (Forbidden, 403),
    (NotSignedIn, 401),
    (TooManyAttempts, 429),
    (TooLarge, 413),
    (UnsupportedFile, 415),
    (Invalid, 422),
    (Conflict, 409),
)


class Words(NamedTuple):
    """What one error page says: what happened, and what to do."""

    heading: str
    text: str
    advice: str = ""


_SAFE = _("Nothing was changed.")
STALE = Words(
    _("This page was open for too long"),
    _SAFE,
    _("Go back, reload the page and send it again."),
)
"""For a form whose secret belongs to a session that is over."""
NOT_NOW = Words(_("This cannot be done now"), _SAFE)
WORDS = {
    400: Words(
        _("This cannot be read"),
        _SAFE,
        _("Go back, remove unusual characters and send it again."),
    ),
    403: Words(
        _("You may not see this page"),
        _("It belongs to another group or needs a role that you do not have."),
        _("If you need it for your work, ask a manager."),
    ),
    404: Words(
        _("There is nothing here"),
        _("The address may be mistyped, or what it showed is gone."),
        _("Look for it by number or name."),
    ),
    405: Words(_("This page cannot be used this way"), _SAFE),
    409: Words(_("Somebody was faster"), _SAFE, _("Open the page again to see how it stands now.")),
    413: Words(_("What you sent is too large"), _SAFE, _("Send smaller files, or fewer at once.")),
    415: Words(_("Files of this kind are not accepted"), _SAFE),
    422: Words(_("Some fields need a correction"), _SAFE, _("Go back and look at the fields.")),
    429: Words(_("Too many attempts"), _SAFE, _("Wait a few minutes, then try again.")),
    500: Words(
        _("We cannot show this page"),
        _("Something went wrong on our side. The last step was not carried out."),
        _("Try again in a few minutes."),
    ),
    503: Words(
        _("We cannot be reached just now"),
        _("The database does not answer. The last step was not carried out."),
        _("Try again in a few minutes."),
    ),
}


def register_errors(app: Flask) -> None:
    """Answer every error outside the machine interfaces with a page."""
    app.register_error_handler(PeygirError, answer_domain)
    app.register_error_handler(HTTPException, answer_http)
    app.register_error_handler(500, answer_crash)


def status_of(error: PeygirError) -> int:
    """The HTTP status of a domain error."""
    return next((status for kind, status in STATUS if isinstance(error, kind)), 400)


def answer_domain(error: PeygirError) -> Page | Response:
    """The page of a domain error: its own sentence is the text."""
    if isinstance(error, NotSignedIn) and request.method == "GET" and not is_fragment():
        return redirect(url_for("web.sign_in", next=request.full_path.rstrip("?")))
    return error_page(status_of(error), told_by(error), words=_words_of(error))


def told_by(error: PeygirError) -> str:
    """The sentence of the error in the reader's language, or those about the wrong fields."""
    if isinstance(error, Invalid) and error.errors:
        return " ".join(text for texts in error.errors.values() for text in texts)
    return error.message(current_language())


def _words_of(error: PeygirError) -> Words | None:
    """A heading of its own for what somebody else's haste is no reason of."""
    return NOT_NOW if isinstance(error, OperationRefused | InstanceSuspended) else None


def answer_http(error: HTTPException) -> Page | HTTPException:
    """The page of an HTTP error; redirects pass."""
    if error.code is None or error.code < 400:
        return error
    if isinstance(error, CSRFError):
        return error_page(400, words=STALE)
    return error_page(error.code)


def answer_crash(error: Exception) -> Page:
    """The page of a crash, with a code that the log knows too."""
    code = f"E-{secrets.token_hex(3).upper()}"
    # The rule, not the address: an address may hold a tracking code, which is a secret.
    cause = getattr(error, "original_exception", None) or error
    place = request.url_rule or "an unknown address"
    current_app.logger.error("%s at %s %s", code, request.method, place, exc_info=cause)
    return error_page(503 if is_away(cause) else 500, code=code)


def error_page(status: int, text: str = "", code: str = "", words: Words | None = None) -> Page:
    """The page for a status in the shell of where the person was."""
    words = words or WORDS.get(status) or WORDS[500 if status >= 500 else 400]
    in_portal = request.path.startswith("/portal") or not _signed_in()
    page = render_template(
        "errors/error.html",
        shell="base_portal.html" if in_portal else "base_staff.html",
        home="/" if "user_id" in session else "/portal",
        back=request.full_path if request.method == "GET" and status >= 429 else "",
        heading=words.heading, text=text or words.text, advice=words.advice,
        status=status, code=code, now=current_instant(),
    )  # fmt: skip
    return page, status


def is_fragment() -> bool:
    """Whether a script asked for a part of a page, which must not become the sign-in page."""
    return "X-Fragment" in request.headers or "HX-Request" in request.headers


def _signed_in() -> bool:
    return getattr(g.get("actor"), "kind", "nobody") == "user"
