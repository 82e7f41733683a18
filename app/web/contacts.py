"""Entering what was said by telephone, fax, letter or in person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

import forms
from app import uploads
from app.db import transaction
from app.errors import Invalid, TooLarge, UnsupportedFile
from app.guard import actor
from app.i18n import current_language, current_zone
from app.services.casework import attachments, contacts, requests
from app.services.deployment import form_conditions
from app.services.execution import form_data
from app.web.blueprint import web

Errors = Mapping[str, Sequence[str]]


@cache
def form() -> forms.Form:
    """How it was said, by whom, when and what."""
    source = files("app").joinpath("templates/web/contact.form").read_bytes()
    return forms.load(source, "contact")


@web.get("/requests/<number>/contacts/new")
def new_contact(number: str) -> str:
    """The empty form; the moment is now."""
    return show(number, {"channel": "phone", "direction": "inbound", "at": g.now.isoformat()}, {})


@web.post("/requests/<number>/contacts")
def add_contact(number: str) -> Response | tuple[str, int]:
    """Keep the contact among what was said on the request."""
    typed = forms.gather(form(), request.form.to_dict(flat=False))
    try:
        with transaction():
            found = requests.find(number, actor())
            contacts.enter(found, read_said(typed), actor(), g.now)
            attachments.attach(found, uploads.read_uploads(), actor(), g.now)
    except (Invalid, TooLarge, UnsupportedFile) as wrong:
        errors = wrong.errors if isinstance(wrong, Invalid) else uploads.explain(wrong)
        return show(number, typed, errors), 422
    flash(_("Saved."))
    return redirect(url_for("web.request_page", number=number), 303)


def read_said(typed: Mapping[str, Any]) -> contacts.Said:
    """What was typed; raises Invalid."""
    clean, wrong = form_data.check(form(), typed, current_language(), g.now)
    if wrong:
        raise Invalid(wrong)
    at = datetime.fromisoformat(clean["at"])
    return contacts.Said(clean["channel"], clean["direction"], at, clean["body"])


def show(number: str, typed: Mapping[str, Any], errors: Errors) -> str:
    """The page with what was typed."""
    found = requests.find(number, actor())
    drawn = forms.render(
        form(), typed, errors, current_language(), zone=current_zone(),
        evaluate=form_conditions.evaluate,
    )  # fmt: skip
    return render_template(
        "web/contact.html", req=found, form=drawn, errors=errors, limits=uploads.limits()
    )
