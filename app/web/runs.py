"""The page of a run: where it stands, what it waits for, what may be done with it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Answer

from app.access import mender, operator
from app.db import transaction
from app.errors import Invalid, OperationRefused, PeygirError
from app.guard import actor
from app.i18n import current_language
from app.services.accounts import people
from app.services.casework import records
from app.services.execution import instances
from app.web import offers, task_page, timeline, waits
from app.web.blueprint import web
from app.web.errors import status_of
from app.web.requests import called_of, drawing_of


@dataclass(frozen=True)
class Wrong:
    """A form of the page that could not be carried out: which one, what was typed, and why not."""

    form: str = ""
    told: str = ""
    typed: Mapping[str, str] = field(default_factory=dict)
    beside: Mapping[str, str] = field(default_factory=dict)
    """What is wrong with single fields, by their names."""

    @classmethod
    def of(cls, form: str, error: PeygirError, typed: Mapping[str, str]) -> Wrong:
        """A form that was refused for this reason."""
        return cls(form, told_of(error), typed, beside_of(error))


@web.get("/instances/<id:instance_id>")
def instance(instance_id: int) -> str:
    """One run: tokens, variables, faults, history."""
    return show_run(instance_id)


def show_run(instance_id: int, wrong: Wrong = Wrong()) -> str:
    """The page of a run; a form that was refused stands there with what was typed in it."""
    found = instances.view(instance_id, actor())
    run, person = found.row, actor()
    elements, stages = task_page.names_of([run])
    events = records.events_of_instance(run.id)
    return render_template(
        "web/instance.html",
        run=run, drawing=drawing_of(run, called_of(run)), elements=elements, wrong=wrong,
        faults=[fault for fault in found.faults if not fault.resolved_at],
        variables={name: in_json(value) for name, value in sorted(found.variables.items())},
        waiting=waits.of_run(found, elements), standing=offers.standing(found, elements),
        offered=[(run, one) for one in offers.activatable(run, found.activatable, elements)],
        entries=timeline.build(events, (), elements, stages), stopped=offers.stop_of(run),
        may_mend=mender(person), may_operate=operator(person),
        operators=[] if operator(person) else people.operators(),
        targets=offers.targets(run) if operator(person) else [],
        ways=partial(offers.ways_out, run),
        newer=offers.newer(run, person) if operator(person) else None,
    )  # fmt: skip


def in_json(value: Any) -> str:
    """A variable as JSON, readable in every language."""
    return json.dumps(value, ensure_ascii=False, indent=1, default=str)


def attempt(
    instance_id: int, form: str, act: Callable[[], object], done: str, where: str = ""
) -> Answer | tuple[str, int]:
    """Do what a form of the page asks, or show the page again with what is wrong in it."""
    try:
        with transaction():
            act()
    except (Invalid, OperationRefused) as error:
        wrong = Wrong.of(form, error, request.form)
        return show_run(instance_id, wrong), status_of(error)
    flash(done)
    return redirect(where or url_for("web.instance", instance_id=instance_id), 303)


def beside_of(error: PeygirError) -> Mapping[str, str]:
    """What is wrong with each field; nothing where it is not about fields."""
    errors = error.errors if isinstance(error, Invalid) else {}
    return {name: " ".join(texts) for name, texts in errors.items()}


def told_of(error: PeygirError) -> str:
    """What is wrong, in one line."""
    if isinstance(error, Invalid):
        return " ".join(text for texts in error.errors.values() for text in texts)
    return error.message(current_language())
