"""Requests: the list, the page with everything about one, its diagram, what is said on it."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import Response, flash, g, redirect, render_template, request, send_file, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Answer

import forms
from app.db import transaction
from app.errors import Invalid
from app.guard import actor
from app.i18n import current_language, current_zone
from app.models import ProcessInstance, ServiceRequest, User, UserTask
from app.services import history
from app.services.accounts import people
from app.services.casework import attachments, catalogue, links, messages, records, requests, search
from app.services.casework import problems as problem_records
from app.services.deployment import definitions, form_conditions
from app.services.desk import tasks, unmanned
from app.services.execution import diagrams, faults, listening, processes
from app.services.intake import doubts
from app.services.sending import customer_ways, deliveries
from app.services.service_levels import standing
from app.web import (
    choices,
    inbound_words,
    offers,
    promise_stories,
    promises,
    task_page,
    terms,
    undrawn,
)
from app.web.addresses import safe_path
from app.web.blueprint import web


@web.get("/requests", endpoint="requests")
def requests_list() -> str:
    """The requests that fit the search, newest first."""
    filters = read_filters()
    found = search.find_requests(actor(), filters, cursor=request.args.get("after"))
    clocks = standing.of_requests(found.items, g.now)
    return render_template(
        "web/requests.html",
        found=found, filters=filters, more=more_url("web.requests", found.next),
        promise_of=lambda one: promises.of_request(one, g.now, clocks),
        service_of=task_page.service_names, stage_names=dict(stage_choices()),
        services=choices.service_choices(), statuses=choices.status_choices(),
        priorities=choices.priority_choices(), stages=stage_choices(),
    )  # fmt: skip


def read_filters() -> search.RequestFilters:
    """What the search form narrows."""
    named = ("status", "service", "stage", "priority")
    wanted = {name: request.args.get(name, "")[:80] for name in named}
    return search.RequestFilters(words=request.args.get("q", "")[:200], **wanted)


def stage_choices() -> choices.Choices:
    """The stages of every process of the catalogue, after "All"."""
    found: dict[str, str] = {}
    for row in definitions.list_latest():
        if row.kind == "bpmn":
            for stage in definitions.load(row.id).stages:
                found.setdefault(stage.key, task_page.named(stage.names))
    return [("", _("All")), *found.items()]


def more_url(endpoint: str, cursor: str | None) -> str:
    """The address of the next page of a list, with its filters."""
    if not cursor:
        return ""
    return f"{url_for(endpoint)}?{urlencode({**request.args.to_dict(), 'after': cursor})}"


@web.get("/requests/<number>")
def request_page(number: str) -> str:
    """Everything about one request."""
    return show_request(number)


def show_request(number: str, told: str = "") -> str:
    """The page, above it what could not be done if something was tried."""
    found = requests.find(number, actor())
    return render_template("web/request.html", **{**gather(found), **talk(found), "told": told})


def gather(found: ServiceRequest) -> dict[str, Any]:
    """What the page of a request shows beside its conversation."""
    runs = processes.of_request(found.id)
    names = task_page.names_of(runs)[0]
    return {
        "req": found,
        "preview": RequestCard(found),
        "promise": promises.of_request(found, g.now, standing.of_requests([found], g.now)),
        "path": task_page.path_of(found),
        "tasks": [one for one in records.tasks_of_request(found.id) if one.state == "open"],
        "stories": promise_stories.of_request(found),
        "terms": terms.shown(found),
        "facts": described(found),
        "done": answered(found),
        "linked": links.of_request(found, actor()),
        "behind": problem_records.of_request(found.id),
        "can_reopen": not found.is_open and requests.REOPEN in listening.awaited(found),
        "files": attachments.of_request(found.id),
        "deliveries": deliveries.of_request(found.id),
        "instances": runs,
        "stops": [(run, stop) for run in runs if (stop := offers.stop_of(run))],
        "offered": [(run, one) for run in runs for one in offers.of_run(run, names)],
        "unmanned": unmanned.of_request(found.id),
        "faults": [fault for run in runs for fault in faults.of_instance(run.id)],
        "elements": names,
        "stage": requests.stage_names(found),
        "doubts": inbound_words.doubts(doubts.doubts_of(found)),
        "named": records.named_users(found) if found.confidential else [],
        "group_names": {group.key: group.names for group in people.list_groups()},
    }


class RequestCard:
    """The request's side cards, under the names that the task's preview uses too."""

    def __init__(self, found: ServiceRequest) -> None:
        self.customer = task_page.customer_card(found)
        self.service = task_page.service_names(found)


def described(found: ServiceRequest) -> list[tuple[str, str]]:
    """The submitted form's answers as label and text."""
    service = catalogue.services().get(found.service)
    form = forms.shipped().get(service.form) if service else None
    if form is None:
        return []
    return forms.describe(
        form, found.data, current_language(), zone=current_zone(), evaluate=form_conditions.evaluate
    )


@dataclass(frozen=True)
class Answered:
    """One finished task with its answers as label and text."""

    task: UserTask
    user: User
    facts: list[tuple[str, str]]


def answered(found: ServiceRequest) -> list[Answered]:
    """What was answered in each finished task, in the reader's language."""
    return [
        Answered(task, user, _facts_of(forms.shipped().get(task.form or ""), task.data))
        for task, user in tasks.finished(found.id)
    ]


def _facts_of(form: forms.Form | None, data: dict[str, Any] | None) -> list[tuple[str, str]]:
    if form is None or not data:
        return []
    facts = forms.describe(
        form, data, current_language(), zone=current_zone(), evaluate=form_conditions.evaluate
    )
    return [(label, text) for label, text in facts if text not in ("", "—")]


def talk(found: ServiceRequest, **more: Any) -> dict[str, Any]:
    """The conversation part of a page."""
    return {"req": found, "entries": task_page.story(found), **more}


@web.post("/requests/<number>/messages")
def say(number: str) -> Answer | str | tuple[str, int]:
    """Reply to the customer, or keep a note among staff."""
    found, body = requests.find(number, actor()), request.form.get("body", "")
    mode = request.form.get("mode", "reply")
    try:
        with transaction():
            speak = messages.note_internally if mode == "note" else messages.reply_to_customer
            speak(found, body, actor(), g.now)
    except Invalid as wrong:
        return said_wrong(number, body, mode, wrong)
    if "HX-Request" in request.headers:
        return render_template("web/_talk.html", **talk(requests.find(number, actor()), mode=mode))
    flash(_("Note kept.") if mode == "note" else _replied(found))
    return redirect(safe_path(request.form.get("next"), url_for("web.request_page", number=number)))


def _replied(found: ServiceRequest) -> str:
    if customer_ways.open_way(found):
        return str(_("Sent to the customer."))
    return str(_("It stands on the tracking page, and went out to nobody."))


def said_wrong(number: str, body: str, mode: str, wrong: Invalid) -> tuple[str, int]:
    """The conversation again, with what was typed and what is wrong with it."""
    found = requests.find(number, actor())
    told = " ".join(text for texts in wrong.errors.values() for text in texts)
    context = talk(found, talk_error=told, typed=body, mode=mode)
    if "HX-Request" in request.headers:
        return render_template("web/_talk.html", **context), 422
    return render_template("web/request.html", **{**gather(found), **context}), 422


@web.get("/requests/<number>/diagram")
def request_diagram(number: str) -> str:
    """The processes of a request drawn, with the path taken and the live tokens."""
    found = requests.find(number, actor())
    runs = processes.of_request(found.id)
    chosen = next((run for run in runs if str(run.id) == request.args.get("run")), None)
    run = chosen or (runs[-1] if runs else None)
    drawn = drawing_of(run, called_of(run)) if run else None
    return render_template("web/request_diagram.html", req=found, runs=runs, run=run, drawing=drawn)


def called_of(run: ProcessInstance) -> diagrams.CalledProcess | None:
    """The called process that the reader chose to see; none for the run's own."""
    asked = request.args.get("called")
    known = diagrams.called_by(run)
    return next((one for one in known if str(one.definition_id) == asked), None)


def drawing_of(
    run: ProcessInstance, called: diagrams.CalledProcess | None = None
) -> dict[str, Any]:
    """What the viewer marks: elements done, flows taken, tokens, faults; and the same in words."""
    called_id = called.definition_id if called else None
    elements, flows = history.path_of(run.id, called_id)
    standing = [
        fault.element
        for fault in faults.of_instance(run.id)
        if not fault.resolved_at and fault.called_id == called_id
    ]
    names = definitions.load(called_id or run.definition_id).elements
    named = {key: task_page.named(element.names) for key, element in names.items()}
    tokens = list(called.tokens if called else run.tokens)
    shown = called_id or run.definition_id
    done = [element for element in elements if element not in tokens]
    here = tokens if run.status == "active" else []
    return {
        "undrawn": undrawn.steps_of(shown, done, here, standing),
        "source": url_for("web.diagram", definition_id=shown, lang=current_language()),
        "called_id": called_id,
        "called": diagrams.called_by(run),
        "done": done,
        "flows": flows,
        "here": here,
        "faults": standing,
        "here_words": [named.get(token) or token for token in dict.fromkeys(tokens)],
        "done_words": [
            named[key]
            for key in elements
            if named.get(key) and key not in tokens and not names[key].type.endswith("Gateway")
        ],
    }


@web.get("/requests/<number>/files/<id:file_id>")
def attachment(number: str, file_id: int) -> Response:
    """A file of the request, to be kept and not shown, whatever it calls itself."""
    file = attachments.open_file(requests.find(number, actor()), file_id)
    return send_file(
        io.BytesIO(file.content), file.media_type, as_attachment=True, download_name=file.name
    )
