"""Processes: what is deployed, what runs, and where each run stands."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from flask import Response, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Answer

from app.access import designer, may_see_request, mender, operator
from app.db import transaction
from app.errors import DeploymentRefused, Invalid, NotFound
from app.guard import actor
from app.models import ProcessDefinition, ProcessInstance
from app.services import definitions, drawings, faults, instances, processes, records
from app.web import corrections, task_page, timeline
from app.web.addresses import safe_path
from app.web.blueprint import web
from app.web.requests import called_of, drawing_of
from app.web.shell import digits


@web.get("/processes", endpoint="processes")
def processes_list() -> str:
    """The newest version of every process and decision table."""
    return show_list()


def show_list(refused: DeploymentRefused | None = None, filename: str = "") -> str:
    """The list, with the findings of a refused file above it."""
    return render_template(
        "web/processes.html",
        rows=definitions.list_latest(), counts=records.count_instances(),
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
    row = definitions.find(definition_id)
    return render_template(
        "web/definition.html",
        row=row, versions=definitions.versions(row.key, row.kind),
        runs=[run for run in records.instances_of([row.id]) if may_see(run)],
        warnings=definitions.warnings_of(row),
        stages=definitions.load(row.id).stages if row.kind == "bpmn" else (),
    )  # fmt: skip


@web.get("/processes/<id:definition_id>/diagram.bpmn")
def diagram(definition_id: int) -> Response:
    """The diagram with its names in one language, for the viewer."""
    shown = drawings.drawn(definition_id, request.args.get("lang", ""))
    answer = Response(shown, mimetype="application/xml")
    answer.headers["Content-Disposition"] = "attachment"
    return answer


@web.get("/instances/<id:instance_id>")
def instance(instance_id: int) -> str:
    """One run: tokens, variables, faults, history."""
    return show_run(find_run(instance_id))


def show_run(run: ProcessInstance, fault_id: int = 0, typed: str = "", told: str = "") -> str:
    """The page of a run; what was typed for a fault stands there with what is wrong with it."""
    elements, stages = task_page.names_of([run])
    outcome = processes.inspect(run)
    return render_template(
        "web/instance.html",
        run=run, drawing=drawing_of(run, called_of(run)), elements=elements,
        faults=faults.of_instance(run.id),
        variables={name: in_json(value) for name, value in sorted(outcome.variables.items())},
        timers=timers_of(run, elements), messages=outcome.messages,
        signals=outcome.signals, jobs=outcome.jobs,
        entries=timeline.build(records.events_of_instance(run.id), (), elements, stages),
        corrected=fault_id, typed=typed, told=told,
        may_mend=mender(actor()), may_operate=operator(actor()),
    )  # fmt: skip


def timers_of(run: ProcessInstance, elements: task_page.ElementNames) -> list[tuple[str, datetime]]:
    """The moments that a run waits for, each with the name of its element."""
    waiting = instances.timers_of(run.id)
    return [(task_page.named(elements.of(one)) or one.element, one.due_at) for one in waiting]


def find_run(instance_id: int) -> ProcessInstance:
    """The run, unless it belongs to a request that the person may not see."""
    run = processes.find(instance_id)
    if not may_see(run):
        raise NotFound
    return run


def may_see(run: ProcessInstance) -> bool:
    """Whether the person may look into this run."""
    return run.request is None or may_see_request(actor(), run.request)


def in_json(value: Any) -> str:
    """A variable as JSON, readable in every language."""
    return json.dumps(value, ensure_ascii=False, indent=1, default=str)


@web.get("/faults", endpoint="faults")
def faults_list() -> str:
    """Every token that could not go on."""
    found = faults.list_open(actor())
    elements, _stages = task_page.names_of([fault.instance for fault in found])
    return render_template("web/faults.html", faults=found, elements=elements)


@web.post("/faults/<id:fault_id>/retry")
def retry(fault_id: int) -> Answer | tuple[str, int]:
    """Try the element again, with variables corrected if given."""
    typed = request.form.get(corrections.FIELD, "")
    try:
        variables = corrections.read_variables(typed)
        with transaction():
            fault = faults.retry(fault_id, variables, actor(), g.now)
    except Invalid as wrong:
        told = " ".join(text for texts in wrong.errors.values() for text in texts)
        run = find_run(faults.find(fault_id).instance_id)
        return show_run(run, fault_id, typed, told), 422
    flash(_("Tried again."))
    default = url_for("web.instance", instance_id=fault.instance_id)
    return redirect(safe_path(request.form.get("next"), default), 303)
