"""Asking for a service, step by step, and the page that says it has arrived."""

from __future__ import annotations

import re
import secrets

from flask import g, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app import uploads
from app.db import transaction
from app.errors import Invalid, TooLarge, TooManyAttempts, UnsupportedFile
from app.i18n import current_language
from app.models import ServiceRequest
from app.portal import asker, doors, steps
from app.portal.blueprint import portal
from app.services.casework import catalogue, requests, submissions
from app.services.execution import form_data


@portal.get("/services/<key>")
def new_request(key: str) -> str:
    """The first page of questions of one service."""
    return show(steps.read_draft(asker.find(key), {}), 0)


@portal.post("/services/<key>")
def submit(key: str) -> Response | str | tuple[str, int]:
    """One page was answered: go on, go back, or send it all."""
    draft = steps.read_draft(asker.find(key), request.form.to_dict(flat=False))
    number = read_number(len(draft.steps))
    if request.form.get("go") == "back":
        return show(draft, max(number - 1, 0))
    errors = draft.check(draft.steps[number], g.now)
    if errors:
        return show(draft, number, errors), 422
    if number + 1 < len(draft.steps):
        return show(draft, number + 1)
    return send(draft)


@portal.post("/services/<key>/hidden")
def hidden(key: str) -> Response:
    """Which questions of the page the answers written so far hide; nothing is kept."""
    draft = steps.read_draft(asker.find(key), request.form.to_dict(flat=False))
    step = draft.steps[read_number(len(draft.steps))]
    answers = draft.answers[step.part]
    return jsonify(hidden=form_data.find_hidden(step.form, answers, current_language()))


def read_number(count: int) -> int:
    """Which step was answered, from 0."""
    typed = request.form.get("step", "")
    return min(int(typed), count - 1) if re.fullmatch("[0-9]{1,3}", typed) else 0


def send(draft: steps.Draft) -> Response | tuple[str, int]:
    """Hand it over; what is wrong leads back to its page."""
    try:
        code = keep(draft)
    except Invalid as wrong:
        return show(draft, draft.find_wrong(wrong.errors), wrong.errors), 422
    except (TooLarge, UnsupportedFile) as wrong:
        return show(draft, len(draft.steps) - 1, uploads.explain(wrong)), 422
    except TooManyAttempts as full:
        told = {"main": [full.message(current_language())]}
        return show(draft, len(draft.steps) - 1, told), 429
    return redirect(url_for("portal.received", code=code), 303)


def keep(draft: steps.Draft) -> str:
    """The tracking code of the new request."""
    submission = draft.submission(uploads.read_uploads())
    language, name = current_language(), submission.customer.name
    actor = asker.submitter(name)

    def submit_new() -> str:
        found = requests.submit(submission, actor, g.now, channel="portal", language=language)
        address = request.remote_addr or ""
        submissions.limit(address, submission.customer, language, g.now)
        return found.tracking_code

    with transaction():
        sent = {"answers": draft.answers, "files": [one.digest for one in submission.uploads]}
        return submissions.keep_once(read_ticket(), sent, g.now, submit_new)


def read_ticket() -> str:
    """The secret that tells this page from every other; a new one when it has none."""
    ticket = request.form.get("ticket", "")
    return ticket if re.fullmatch("[0-9a-f]{32}", ticket) else secrets.token_hex(16)


def show(draft: steps.Draft, number: int, errors: steps.Errors | None = None) -> str:
    """One page of questions, with everything written so far."""
    wrong, step, count = errors or {}, draft.steps[number], len(draft.steps)
    return render_template(
        "portal/submit.html",
        service=draft.service,
        code=asker.code(),
        title=step.title,
        number=number,
        count=count,
        is_last=number + 1 == count,
        questions=steps.render_step(draft, step, wrong),
        ticket=read_ticket(),
        carried=steps.carry_others(draft, step),
        told=steps.describe(draft, g.now) if number + 1 == count else [],
        errors=wrong,
        summary=steps.name_inputs(draft, wrong),
        limits=uploads.limits(),
    )


@portal.get("/received/<code>")
def received(code: str) -> str:
    """It has arrived: the number, the code to keep, what comes next."""
    found: ServiceRequest = doors.enter(code, lambda one: one)
    return render_template(
        "portal/received.html", asked=found, service=catalogue.services().get(found.service)
    )
