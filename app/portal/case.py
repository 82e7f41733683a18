"""The tracking page, and what the customer does there."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from flask import Response, flash, g, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Answer

from app import uploads
from app.access import Actor
from app.errors import Conflict, Invalid, TooLarge, UnsupportedFile
from app.i18n import current_language
from app.models import ServiceRequest
from app.portal import doors, story
from app.portal.blueprint import portal
from app.services.casework import attachments, messages, requests

Errors = dict[str, list[str]]


@portal.get("/track/<code>")
def track(code: str) -> str:
    """The request of this tracking code."""
    return show(doors.enter(code, lambda found: found))


def show(found: ServiceRequest, errors: Errors | None = None) -> str:
    """The tracking page, with what was typed when something is wrong."""
    return render_template(
        "portal/track.html",
        story=story.tell(found, g.now),
        errors=errors or {},
        objecting="object" in request.args or "reason" in (errors or {}),
        typed=request.form,
        limits=uploads.limits(),
    )


@portal.post("/track/<code>/messages")
def send_message(code: str) -> Answer | tuple[str, int]:
    """The customer writes to us, perhaps with files."""
    try:
        doors.enter(code, partial(keep_message, body=request.form.get("body", "")))
    except (Invalid, TooLarge, UnsupportedFile) as wrong:
        return show_again(code, wrong)
    return back_to(code, _("Your message is sent. We read it and answer here."))


def keep_message(found: ServiceRequest, body: str) -> None:
    """The message and its files; the process hears of it."""
    actor, sent = author_of(found), uploads.read_uploads()
    rows = attachments.attach(found, sent, actor, g.now)
    text = body if body.strip() else ", ".join(row.name for row in rows)
    messages.say_as_customer(found, text, actor, g.now, channel="portal")


def author_of(found: ServiceRequest) -> Actor:
    """The customer as the one who acts, told what is wrong in the language of this page."""
    return replace(messages.customer_actor(found), language=current_language())


@portal.post("/track/<code>/answer")
def answer(code: str) -> Answer | tuple[str, int]:
    """The customer accepts what we offer, or objects."""
    chosen, reason = request.form.get("answer", ""), request.form.get("reason", "")

    def act(found: ServiceRequest) -> None:
        actor = author_of(found)
        messages.answer_as_customer(found, chosen, reason, actor, g.now)

    try:
        doors.enter(code, act)
    except Invalid as wrong:
        return show_again(code, wrong)
    except Conflict as late:
        return back_to(code, late.message(current_language()))
    return back_to(code, _("Thank you. Your answer is with us."))


@portal.post("/track/<code>/withdraw")
def withdraw(code: str) -> Answer:
    """The customer takes the request back."""

    def act(found: ServiceRequest) -> None:
        actor = author_of(found)
        messages.withdraw_as_customer(found, request.form.get("reason", "")[:2000], actor, g.now)

    try:
        doors.enter(code, act)
    except Conflict as late:
        return back_to(code, late.message(current_language()))
    return back_to(code, _("Your request is withdrawn. We do nothing further on it."))


@portal.post("/track/<code>/reopen")
def reopen(code: str) -> Answer:
    """The customer says that it came back."""

    def act(found: ServiceRequest) -> None:
        requests.reopen(found, author_of(found), g.now, request.form.get("reason", "")[:2000])

    try:
        doors.enter(code, act)
    except Conflict as late:
        return back_to(code, late.message(current_language()))
    return back_to(code, _("Your request is open again. We go on where we were."))


@portal.get("/track/<code>/files/<id:file_id>")
def file(code: str, file_id: int) -> Response:
    """A file that the customer sent, given back for download only."""
    found = doors.enter(code, lambda one: attachments.open_file(one, file_id))
    given = make_response(found.content)
    given.headers["Content-Type"] = found.media_type
    given.headers.set("Content-Disposition", "attachment", filename=found.name)
    given.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return given


@portal.get("/track/<code>/messages", endpoint="back_from_message")
@portal.get("/track/<code>/answer", endpoint="back_from_answer")
@portal.get("/track/<code>/withdraw", endpoint="back_from_withdrawal")
@portal.get("/track/<code>/reopen", endpoint="back_from_reopening")
def back_from(code: str) -> Answer:
    """Reloading the page of a sent form, which can only be asked for as the page itself."""
    return redirect(url_for("portal.track", code=code))


def back_to(code: str, told: str) -> Answer:
    """The tracking page, asked anew, with a word about what happened."""
    flash(told)
    return redirect(url_for("portal.track", code=code), 303)


def show_again(code: str, wrong: Invalid | TooLarge | UnsupportedFile) -> tuple[str, int]:
    """The page as it was, with what is wrong; nothing was kept."""
    errors = wrong.errors if isinstance(wrong, Invalid) else uploads.explain(wrong)
    return show(doors.enter(code, lambda found: found), errors), 422
