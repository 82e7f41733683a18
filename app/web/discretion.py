"""Staff begin a step of an ad-hoc subprocess, from the page of the request or of the run."""

from __future__ import annotations

from flask import flash, g, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Answer

from app.db import transaction
from app.errors import Conflict, OperationRefused
from app.guard import actor
from app.i18n import current_language
from app.models import ProcessInstance
from app.services.execution import discretion, instances
from app.web.blueprint import web
from app.web.requests import show_request
from app.web.runs import Wrong, show_run

FORM = "activate"


@web.post("/instances/<id:instance_id>/activate")
def activate(instance_id: int) -> Answer | tuple[str, int]:
    """Let a step begin; when it is too late, the page says so and what may be begun now."""
    run = instances.find(instance_id, actor())
    given = (request.form.get("element", ""), request.form.get("subprocess") or None)
    try:
        with transaction():
            discretion.activate(instance_id, *given, actor(), g.now)
    except Conflict as late:
        return _too_late(run, late), 409
    flash(_("Begun: %(step)s", step=request.form.get("name", "")[:200] or given[0]))
    return redirect(_from_where(run), 303)


def _too_late(run: ProcessInstance, late: Conflict) -> str:
    told = late.message(current_language())
    if isinstance(late, OperationRefused):
        told = _("This step can no longer be begun. What can be begun now stands below.")
    if _is_from_request(run) and run.request is not None:
        return show_request(run.request.number, told)
    return show_run(run.id, Wrong(FORM, told))


def _from_where(run: ProcessInstance) -> str:
    if _is_from_request(run) and run.request is not None:
        return url_for("web.request_page", number=run.request.number)
    return url_for("web.instance", instance_id=run.id)


def _is_from_request(run: ProcessInstance) -> bool:
    return run.request is not None and request.form.get("from") == "request"
