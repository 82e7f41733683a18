"""What the customer thought of how we handled the request: one page, asked after its end."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from flask import g, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

import forms
from app.errors import Conflict, Invalid
from app.i18n import current_language, current_zone
from app.models import ServiceRequest
from app.portal import case, doors
from app.portal.blueprint import portal
from app.services.casework import surveys
from app.services.deployment import form_conditions


@portal.get("/track/<code>/survey")
def survey(code: str) -> str | Response:
    """The questions; the tracking page when nothing is asked (any more)."""
    found, asked = doors.enter(code, lambda one: (one, surveys.is_asked(one)))
    return show(found, {}, {}) if asked else case.back_to(code, not_asked())


@portal.post("/track/<code>/survey")
def answer_survey(code: str) -> Response | tuple[str, int]:
    """The customer's answers."""
    data = forms.gather(surveys.form(), request.form.to_dict(flat=False))
    try:
        doors.enter(code, partial(keep, data=data))
    except Invalid as wrong:
        return show(doors.enter(code, lambda one: one), data, wrong.errors), 422
    except Conflict:
        return case.back_to(code, not_asked())
    return case.back_to(code, _("Thank you. Your answers help us."))


def keep(found: ServiceRequest, data: Mapping[str, Any]) -> None:
    """The answers go to the process of the request."""
    surveys.answer(found, data, case.author_of(found), g.now)


def not_asked() -> str:
    """What is said where no answers are awaited."""
    told: str = _("We ask nothing at this moment. You can always write to us here.")
    return told


def show(found: ServiceRequest, data: Mapping[str, Any], errors: case.Errors) -> str:
    """The page, with what was answered so far."""
    form, language = surveys.form(), current_language()
    questions = forms.render(
        form, data, errors, language,
        zone=current_zone(), layout="column", evaluate=form_conditions.evaluate,
    )  # fmt: skip
    return render_template(
        "portal/survey.html",
        asked=found,
        title=forms.say(form.titles, language),
        questions=questions,
        errors=errors,
        summary={forms.input_id("", key): told for key, told in errors.items()},
    )
