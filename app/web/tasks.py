"""The task page: look, claim, give away, keep a draft, complete."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import flash, g, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

import forms
from app.access import is_excluded
from app.addresses import read_id
from app.db import transaction
from app.errors import Conflict, Invalid, NotFound, PeygirError, TaskDone
from app.guard import actor
from app.i18n import current_language, current_zone
from app.models import UserTask
from app.services.accounts import people
from app.services.casework import attachments
from app.services.deployment import form_conditions
from app.services.desk import inbox, task_changes, task_giving, tasks
from app.services.execution import form_data, processes
from app.web import offers, task_page
from app.web.addresses import wanted_path
from app.web.blueprint import web
from app.web.errors import status_of
from app.web.inbox import today
from app.web.shell import digits

Errors = Mapping[str, Sequence[str]]


@web.get("/tasks/<id:task_id>")
def task(task_id: int) -> str:
    """The page of one task."""
    return show(tasks.find(task_id, actor()))


def show(
    one: UserTask,
    data: Mapping[str, Any] | None = None,
    errors: Errors | None = None,
    told: str = "",
) -> str:
    """The page, its form filled with ``data`` when given, else with the draft."""
    view = request.values.get("view", "group")
    before, after, place, total = inbox.neighbours(actor(), _known(view), one.id, g.now, today())
    return render_template(
        "web/task.html",
        preview=task_page.preview(one.id), task=one, form=draw(one, data, errors or {}),
        errors=labelled(one, errors or {}), told=told, view=_known(view),
        before=before, after=after, place=place, total=total,
        may_fill=may_fill(one), excluded=is_excluded(actor(), one),
        stopped=(stopped := stop_of(one)), operators=people.operators() if stopped else [],
        **surroundings(one),
    )  # fmt: skip


def stop_of(one: UserTask) -> offers.Stop | None:
    """Who lets the task's process stand still, and why; none for a task that is over."""
    return offers.stop_of(one.instance) if one.state == task_changes.OPEN else None


def _known(view: str) -> str:
    return view if view in inbox.VIEWS else "group"


def surroundings(one: UserTask) -> dict[str, Any]:
    """The path, the conversation and the files of the task's request."""
    asked = one.request
    return {
        "req": asked,
        "path": task_page.path_of(asked) if asked else [],
        "entries": task_page.story(asked) if asked else [],
        "files": attachments.of_request(asked.id) if asked else [],
        "colleagues": task_giving.colleagues(one, actor()) if one.state == "open" else [],
        "group_names": {group.key: group.names for group in people.list_groups()},
    }


def may_fill(one: UserTask) -> bool:
    """Whether the person may complete it as it stands now."""
    owner = one.assignee_id
    return one.state == "open" and owner in (None, actor().id) and not is_excluded(actor(), one)


def draw(one: UserTask, data: Mapping[str, Any] | None, errors: Errors) -> str:
    """The form's fields, to be filled in or only to be read; "" when the task has no form."""
    form = form_of(one)
    if form is None:
        return ""
    filled = {**tasks.shown_data(one), **(tasks.draft_of(one, actor()) or {}), **(data or {})}
    return forms.render(
        form, filled, errors, current_language(),
        zone=current_zone(), readonly=not may_fill(one), evaluate=form_conditions.evaluate,
    )  # fmt: skip


def form_of(one: UserTask) -> forms.Form | None:
    """The task's form, or nothing when it has none."""
    return form_data.find(one.form) if one.form else None


def labelled(one: UserTask, errors: Errors) -> dict[str, list[str]]:
    """The errors by the id of the field, for the list above the form."""
    form = form_of(one)
    known = {field.key for field in form.fields} if form else set()
    return {(f"f-{key}" if key in known else "main"): list(told) for key, told in errors.items()}


def gathered(one: UserTask) -> dict[str, Any]:
    """What the person filled in, as written."""
    form = form_of(one)
    return forms.gather(form, request.form.to_dict(flat=False)) if form else {}


@web.post("/tasks/<id:task_id>/hidden")
def hidden_in_task(task_id: int) -> Response:
    """Which parts of the form the answers written so far hide; nothing is kept."""
    one = tasks.find(task_id, actor())
    form = form_data.find(one.form)
    data = {**tasks.shown_data(one), **gathered(one)}
    return jsonify(hidden=form_data.find_hidden(form, data, current_language()))


@web.post("/tasks/<id:task_id>/complete")
def complete(task_id: int) -> Response | str | tuple[str, int]:
    """Finish the task; what was typed is never lost, whatever goes wrong."""
    data = gathered(tasks.find(task_id, actor()))
    try:
        with transaction():
            done = tasks.complete(task_id, data, actor(), g.now, language=current_language())
    except Invalid as wrong:
        return show(tasks.find(task_id, actor()), data, wrong.errors), 422
    except processes.InstanceSuspended as stopped:
        told = stopped.message(current_language())
        return show(tasks.find(task_id, actor()), data, told=told), 409
    except Conflict as clash:
        return lost(task_id, data, clash)
    flash(_("Done: %(step)s", step=task_page.named(done.names)))
    return redirect(url_for("web.inbox", view=_known(request.form.get("view", ""))), 303)


def lost(task_id: int, data: Mapping[str, Any], clash: PeygirError) -> tuple[str, int]:
    """Somebody was faster, perhaps the person in another window: the page says so and shows
    what was typed, to be copied."""
    one = tasks.find(task_id, actor())
    form = form_of(one)
    typed = forms.describe(form, data, current_language(), zone=current_zone()) if form else []
    page = render_template(
        "web/task_lost.html",
        task=one,
        typed=typed,
        told=clash.message(current_language()),
        own=isinstance(clash, TaskDone),
    )
    return page, status_of(clash)


@web.post("/tasks/<id:task_id>/draft")
def save_draft(task_id: int) -> Response | str:
    """Keep what is filled in so far."""
    data = gathered(tasks.find(task_id, actor()))
    with transaction():
        tasks.save_draft(task_id, data, actor(), g.now)
    if "HX-Request" in request.headers:
        return render_template("web/_saved.html")
    flash(_("Draft saved."))
    return redirect(url_for("web.task", task_id=task_id), 303)


@web.post("/tasks/<id:task_id>/claim")
def claim(task_id: int) -> Response:
    """Take the task; one of two people who try at once gets it."""
    with transaction():
        tasks.claim(task_id, actor(), g.now)
    flash(_("The task is yours."))
    return redirect(url_for("web.task", task_id=task_id), 303)


@web.post("/tasks/<id:task_id>/unclaim")
def unclaim(task_id: int) -> Response:
    """Give the task back to its group."""
    with transaction():
        tasks.unclaim(task_id, actor(), g.now)
    flash(_("The task waits for the group again."))
    return redirect(url_for("web.task", task_id=task_id), 303)


@web.post("/tasks/<id:task_id>/assign")
def assign(task_id: int) -> Response | tuple[str, int]:
    """Give the task to a colleague."""
    try:
        with transaction():
            given = task_giving.assign(task_id, request.form.get("assignee", ""), actor(), g.now)
    except Invalid as wrong:
        told = " ".join(text for texts in wrong.errors.values() for text in texts)
        return show(tasks.find(task_id, actor()), told=told), 422
    names = given.assignee.names if given.assignee else {}
    flash(_("The task was given to %(name)s.", name=task_page.named(names)))
    return redirect(url_for("web.inbox"), 303)


@web.post("/tasks/claim")
def claim_many() -> Response:
    """Take every selected task that is still free."""
    chosen = [task_id for text in request.form.getlist("task") if (task_id := read_id(text))][:100]
    taken = [task_id for task_id in chosen if claimed(task_id)]
    flash(
        _(
            "%(taken)s of %(chosen)s tasks are yours now.",
            taken=digits(len(taken)),
            chosen=digits(len(chosen)),
        )
    )
    return redirect(wanted_path(url_for("web.inbox")), 303)


def claimed(task_id: int) -> bool:
    """Whether this one task could be taken; each is a transaction of its own."""
    try:
        with transaction():
            tasks.claim(task_id, actor(), g.now)
    except (Conflict, NotFound):
        return False
    return True
