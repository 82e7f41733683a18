"""Faults: the list of them, and the ways to set a run going again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response as Answer

from app.db import transaction
from app.guard import actor
from app.services import alike, faults
from app.web import corrections, task_page
from app.web.addresses import safe_path
from app.web.blueprint import web
from app.web.runs import attempt
from app.web.shell import digits

Done = Answer | tuple[str, int]


@web.get("/faults", endpoint="faults")
def faults_list() -> str:
    """Every token that could not go on; those that are alike in one line."""
    groups = alike.list_groups(actor())
    elements, _stages = task_page.names_of([group.newest.instance for group in groups])
    return render_template(
        "web/faults.html", groups=groups, elements=elements, arguments=alike.arguments_of
    )


@web.get("/faults/alike", endpoint="faults_alike")
def faults_alike() -> str | Answer:
    """The faults of one step with one code, and the way to try all of them again."""
    place = _place(request.args)
    found = alike.list_of(place, actor())
    if not found:
        return redirect(url_for("web.faults"))
    elements, _stages = task_page.names_of([fault.instance for fault in found])
    return render_template(
        "web/faults_alike.html",
        faults=found, elements=elements, count=alike.count_of(place, actor()),
        arguments=alike.arguments_of(place),
    )  # fmt: skip


@web.post("/faults/retry-alike")
def retry_alike() -> Answer:
    """Let all faults that are alike be tried again, one after the other."""
    with transaction():
        count = alike.retry_all(_place(request.form), request.form.get("reason", ""), actor())
    words = ngettext(
        "%(count)s step is being tried again. What goes on leaves this list.",
        "%(count)s steps are being tried again. What goes on leaves this list.",
        count, count=digits(count),
    )  # fmt: skip
    flash(words if count else _("Nothing was left to be tried again."))
    return redirect(url_for("web.faults"), 303)


def _place(given: Mapping[str, str]) -> alike.Place:
    return alike.Place(given.get("process", ""), given.get("step", ""), given.get("code", ""))


@web.post("/faults/<id:fault_id>/retry")
def retry(fault_id: int) -> Done:
    """Try the element again, with variables corrected if given."""
    return _mend(fault_id, "retry", faults.retry, _("Tried again."))


@web.post("/faults/<id:fault_id>/skip")
def skip(fault_id: int) -> Done:
    """Take the element as done, with the values that it should have given."""
    return _mend(fault_id, "skip", faults.skip, _("Taken as done."))


def _mend(fault_id: int, form: str, mend: Callable[..., object], done: str) -> Done:
    def act() -> None:
        values = corrections.read_variables(request.form.get(corrections.FIELD, ""))
        mend(fault_id, values, actor(), g.now, **_given(form))

    where = safe_path(request.form.get("next"), "")
    return attempt(faults.find(fault_id).instance_id, f"{form}-{fault_id}", act, done, where)


def _given(form: str) -> dict[str, Any]:
    given: dict[str, Any] = {"reason": request.form.get("reason", "")}
    return {**given, "flow": request.form.get("flow") or None} if form == "skip" else given
