"""A person's own absences: from when until when, and who stands in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

import forms
from app.access import MANAGER, STAFF
from app.db import transaction
from app.errors import Invalid
from app.guard import actor
from app.i18n import current_language, current_zone, pick_text
from app.services.accounts import people
from app.services.deployment import form_conditions
from app.services.desk import absences
from app.services.execution import form_data
from app.web.blueprint import web

Errors = Mapping[str, Sequence[str]]


@cache
def form() -> forms.Form:
    """The two days."""
    source = files("app").joinpath("templates/web/absence.form").read_bytes()
    return forms.load(source, "absence")


@web.get("/account/absences")
def own_absences() -> str:
    """When the person is away, and who stands in."""
    return show({}, {})


@web.post("/account/absences")
def save_absence() -> Response | tuple[str, int]:
    """Enter an absence of one's own."""
    typed = forms.gather(form(), request.form.to_dict(flat=False))
    try:
        with transaction():
            starts_at, ends_at = read_days(typed)
            other = request.form.get("substitute", "")
            absences.enter(g.user, other, starts_at, ends_at, actor(), g.now)
    except Invalid as wrong:
        return show(typed, wrong.errors), 422
    flash(_("Saved."))
    return redirect(url_for("web.own_absences"), 303)


@web.post("/account/absences/<id:absence_id>/end")
def end_absence(absence_id: int) -> Response:
    """Take an absence back."""
    with transaction():
        absences.end(absence_id, actor())
    flash(_("Saved."))
    return redirect(url_for("web.own_absences"), 303)


def read_days(typed: Mapping[str, Any]) -> tuple[datetime, datetime]:
    """From the beginning of the first day to the end of the last one; raises Invalid."""
    clean, wrong = form_data.check(form(), typed, current_language(), g.now)
    if wrong:
        raise Invalid(wrong)
    first, last = (day_of(clean[key]) for key in ("starts_on", "ends_on"))
    return first, last + timedelta(days=1)


def day_of(value: str) -> datetime:
    """The instant at which that day begins in the organisation's time zone."""
    day = datetime.fromisoformat(value).date()
    return datetime.combine(day, time(), current_zone())


def show(typed: Mapping[str, Any], errors: Errors) -> str:
    """The page with what was typed."""
    language = current_language()
    others = [
        (one.login, pick_text(one.names, language))
        for one in people.list_users()
        if one.is_active and {STAFF, MANAGER} & set(one.roles) and one.id != g.user.id
    ]
    drawn = forms.render(
        form(), typed, errors, language, zone=current_zone(), evaluate=form_conditions.evaluate
    )
    return render_template(
        "web/absences.html", rows=absences.of_user(g.user.id, g.now), form=drawn, others=others,
        chosen=request.form.get("substitute", ""), errors=errors,
    )  # fmt: skip
