"""Faults: the list of them, and the ways to set a run going again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import g, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Answer

from app.guard import actor
from app.services import faults
from app.web import corrections, task_page
from app.web.addresses import safe_path
from app.web.blueprint import web
from app.web.runs import attempt

Done = Answer | tuple[str, int]


@web.get("/faults", endpoint="faults")
def faults_list() -> str:
    """Every token that could not go on."""
    found = faults.list_open(actor())
    elements, _stages = task_page.names_of([fault.instance for fault in found])
    return render_template("web/faults.html", faults=found, elements=elements)


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
