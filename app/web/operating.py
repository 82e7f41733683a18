"""What an operator does on the page of a run."""

from __future__ import annotations

from flask import flash, g, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Answer

from app.db import transaction
from app.errors import Invalid
from app.guard import actor
from app.services import faults, operations
from app.web import corrections
from app.web.blueprint import web
from app.web.processes import find_run, show_run


@web.post("/instances/<id:instance_id>/suspend")
def suspend(instance_id: int) -> Answer:
    """Let the run stand still."""
    with transaction():
        operations.suspend(instance_id, _reason(), actor(), g.now)
    flash(_("The process is suspended."))
    return _back(instance_id)


@web.post("/instances/<id:instance_id>/resume")
def resume(instance_id: int) -> Answer:
    """Let the run go on."""
    with transaction():
        operations.resume(instance_id, _reason(), actor(), g.now)
    flash(_("The process goes on."))
    return _back(instance_id)


@web.post("/instances/<id:instance_id>/cancel")
def cancel(instance_id: int) -> Answer:
    """End the run at once."""
    with transaction():
        operations.cancel(instance_id, _reason(), actor(), g.now)
    flash(_("The process was cancelled."))
    return _back(instance_id)


@web.post("/faults/<id:fault_id>/skip")
def skip(fault_id: int) -> Answer | tuple[str, int]:
    """Take the element as done, with the values that it should have given."""
    typed = request.form.get(corrections.FIELD, "")
    try:
        variables = corrections.read_variables(typed)
        with transaction():
            fault = faults.skip(fault_id, variables, actor(), g.now)
    except Invalid as wrong:
        told = " ".join(text for texts in wrong.errors.values() for text in texts)
        run = find_run(faults.find(fault_id).instance_id)
        return show_run(run, fault_id, typed, told), 422
    flash(_("Taken as done."))
    return _back(fault.instance_id)


def _reason() -> str:
    return request.form.get("reason", "")


def _back(instance_id: int) -> Answer:
    return redirect(url_for("web.instance", instance_id=instance_id), 303)
