"""Signing in and out, and the choice of language."""

from __future__ import annotations

from dataclasses import replace

from flask import g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app import guard
from app.db import transaction
from app.errors import NotFound, TooManyAttempts, WrongCredentials
from app.i18n import LANGUAGE_COOKIE, LANGUAGES, current_language
from app.services.accounts import entrance, people
from app.web.addresses import safe_path, wanted_path
from app.web.blueprint import web

YEAR = 365 * 24 * 3600


@web.before_request
def speak_for_reader() -> None:
    """Let services answer in the language that this browser reads, also without a setting."""
    if g.actor.language != current_language():
        g.actor = replace(g.actor, language=current_language())


@web.get("/login")
def sign_in() -> str | Response:
    """The sign-in page; who is in already goes on."""
    if "user" in g and g.user is not None:
        return redirect(wanted_path())
    return render_template("web/signin.html", next=wanted_path(), login="", message="")


@web.post("/login")
def enter() -> Response | tuple[str, int]:
    """Sign in and go on to where the person wanted to be."""
    login, password = request.form.get("login", ""), request.form.get("password", "")
    try:
        with transaction():
            user = entrance.enter(login, password, request.remote_addr or "", g.now)
    except TooManyAttempts as error:
        return _again(login, error.message(current_language()), 429)
    if user is None:
        return _again(login, WrongCredentials().message(current_language()), 422)
    guard.begin_session(user)
    return redirect(wanted_path(), 303)


def _again(login: str, message: str, status: int) -> tuple[str, int]:
    page = render_template("web/signin.html", next=wanted_path(), login=login, message=message)
    return page, status


@web.post("/logout")
def sign_out() -> Response:
    """Sign out, on every browser: a copied cookie must open nothing afterwards."""
    if g.user is not None:
        with transaction() as work:
            people.end_sessions(work.merge(g.user))
    guard.end_session()
    return redirect(url_for("web.sign_in"), 303)


@web.post("/language")
def choose_language() -> Response:
    """Keep the chosen language for this browser, and for the user when signed in."""
    language = request.form.get("language", "")
    if language not in LANGUAGES:
        raise NotFound
    if g.user is not None:
        with transaction() as work:
            work.merge(g.user).language = language
    answer = redirect(safe_path(request.form.get("next")), 303)
    answer.set_cookie(LANGUAGE_COOKIE, language, max_age=YEAR, samesite="Lax", httponly=True)
    return answer
