"""Processes: what is deployed, what runs, and where each run stands."""

from __future__ import annotations

from flask import Response, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Answer

from app.access import designer, may_see_request, operator
from app.db import transaction
from app.errors import DeploymentRefused, Invalid, NoSuch
from app.guard import actor
from app.models import ProcessDefinition, ProcessInstance
from app.services.casework import records
from app.services.deployment import definitions, deployments, drawings, start_events
from app.services.execution import instances, migrating
from app.web import beginnings, corrections, task_page, undrawn
from app.web.blueprint import web
from app.web.runs import told_of
from app.web.shell import digits


@web.get("/processes", endpoint="processes")
def processes_list() -> str:
    """The newest version of every process and decision table."""
    return show_list()


def show_list(refused: DeploymentRefused | None = None, filename: str = "") -> str:
    """The list, with the findings of a refused file above it."""
    return render_template(
        "web/processes.html",
        rows=definitions.list_latest(), begins=start_events.armed(), told=beginnings.told,
        counts=records.count_instances(),
        may_deploy=designer(actor()), refused=refused, filename=filename,
    )  # fmt: skip


@web.post("/processes")
def deploy() -> Answer | tuple[str, int]:
    """Deploy files together, or say at which line and element one would run wrongly."""
    files = chosen_files()
    try:
        with transaction():
            rows = definitions.deploy_together(files, actor(), g.now)
    except DeploymentRefused as refused:
        return show_list(refused, ", ".join(name for name, _source in files)), 422
    for row in rows:
        flash(told_deployed(row))
    return redirect(url_for("web.definition", definition_id=rows[0].id), 303)


def told_deployed(row: ProcessDefinition) -> str:
    """That a version is deployed, for whoever did it."""
    words: str = _(
        "Deployed: %(name)s, version %(version)s",
        name=task_page.named(row.names),
        version=digits(row.version),
    )
    return words


def chosen_files() -> list[tuple[str, bytes]]:
    """The names and the bytes of the files that were sent; raises Invalid without one."""
    files = [file for file in request.files.getlist("file") if file.filename]
    if not files:
        raise Invalid({"file": [_("Choose a .bpmn or .dmn file.")]})
    return [(file.filename or "", file.read()) for file in files]


@web.get("/processes/<id:definition_id>")
def definition(definition_id: int) -> str:
    """One version: its diagram or table, its other versions, its runs."""
    return show_version(definition_id)


def show_version(definition_id: int, typed: str = "", told: str = "") -> str:
    """The page of a version; values that could not begin it stand there with what is wrong."""
    row = definitions.find(definition_id)
    versions = definitions.versions(row.key, row.kind)
    is_newest = versions[0].id == row.id
    return render_template(
        "web/definition.html",
        row=row, versions=versions, is_newest=is_newest,
        begins=beginnings.of(row) if is_newest else [],
        may_start=is_newest and designer(actor()) and beginnings.may_be_started(row),
        services=beginnings.services_of(row), companions=deployments.companions(row.id),
        older=_older(row) if is_newest and operator(actor()) else False, typed=typed, told=told,
        runs=[run for run in records.instances_of([row.id]) if may_see(run)],
        calling=[run for run in records.instances_calling(row.sha256) if may_see(run)],
        undrawn=undrawn.steps_of(row.id) if row.kind == "bpmn" else None,
        warnings=definitions.warnings_of(row),
        stages=definitions.load(row.id).stages if row.kind == "bpmn" else (),
    )  # fmt: skip


def _older(row: ProcessDefinition) -> bool:
    """Whether a run of an older version has not ended."""
    if row.kind != "bpmn" or row.version == 1:
        return False
    order = migrating.order(row.key, row.version, {}, actor())
    return bool(migrating.waiting(order, actor(), limit=1))


@web.post("/processes/<id:definition_id>/start")
def start(definition_id: int) -> Answer | tuple[str, int]:
    """Begin a run by hand, of the newest version, with values if given."""
    row = definitions.find(definition_id)
    typed = request.form.get(corrections.FIELD, "")
    if not beginnings.may_be_started(row):
        raise NoSuch(en=f"way to start {row.key} by hand", fa=f"راه آغاز دستی برای {row.key}")
    try:
        values = corrections.read_variables(typed)
        with transaction():
            begun = instances.start(row.key, values, actor(), g.now).row
    except Invalid as wrong:
        return show_version(definition_id, typed, told_of(wrong)), 422
    flash(_("The process has begun."))
    return redirect(url_for("web.instance", instance_id=begun.id), 303)


@web.get("/processes/<id:definition_id>/diagram.bpmn")
def diagram(definition_id: int) -> Response:
    """The diagram with its names in one language, for the viewer."""
    shown = drawings.drawn(definition_id, request.args.get("lang", ""))
    answer = Response(shown, mimetype="application/xml")
    answer.headers["Content-Disposition"] = "attachment"
    return answer


def may_see(run: ProcessInstance) -> bool:
    """Whether the person may look into this run."""
    return run.request is None or may_see_request(actor(), run.request)
