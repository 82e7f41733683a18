"""Faults: the list of them, and the ways to set a run going again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response as Answer

from app.access import operator
from app.addresses import read_id
from app.db import transaction
from app.errors import Invalid
from app.guard import actor
from app.i18n import current_language, pick_text
from app.services.execution import alike, faults
from app.services.sending import channels, doubtful
from app.web import corrections, offers, task_page
from app.web.addresses import safe_path
from app.web.blueprint import web
from app.web.errors import status_of
from app.web.runs import Wrong, attempt
from app.web.shell import digits
from connectors import registry

Done = Answer | tuple[str, int]


@web.get("/faults", endpoint="faults")
def faults_list() -> str:
    """Every token that could not go on; those that are alike in one line."""
    channel, kind = (request.args.get(name, "") for name in ("channel", "kind"))
    groups = alike.list_groups(actor(), channel, kind)
    elements, _stages = task_page.names_of([group.newest.instance for group in groups])
    return render_template(
        "web/faults.html", groups=groups, elements=elements, arguments=alike.arguments_of,
        in_doubt=doubtful.count(actor()), channel=channel, kind=kind, **_ways(),
    )  # fmt: skip


def _ways() -> Mapping[str, Mapping[str, str]]:
    """The names of the channels and of their kinds, by key."""
    language = current_language()
    found = {one.key: one for one in channels.all_ways()}
    known = {one.kind: registry.find(one.kind) for one in found.values()}
    return {
        "ways": {key: pick_text(one.names, language) or key for key, one in found.items()},
        "kinds": {key: one.names[language] if one else key for key, one in known.items()},
    }


@web.get("/faults/alike", endpoint="faults_alike")
def faults_alike() -> str | Answer:
    """The faults of one step with one code, and what may be done to all of them."""
    return _show_alike(_place(request.args)) or redirect(url_for("web.faults"))


def _show_alike(place: alike.Place, wrong: Wrong | None = None) -> str | None:
    """The page of faults that are alike; None when there are none any more."""
    found = alike.list_of(place, actor())
    if not found:
        return None
    elements, _stages = task_page.names_of([fault.instance for fault in found])
    newest = found[-1]
    return render_template(
        "web/faults_alike.html",
        faults=found, elements=elements, count=alike.count_of(place, actor()),
        wrong=wrong or Wrong(),
        arguments=alike.arguments_of(place), way=_ways()["ways"].get(place.channel or "", ""),
        may_operate=operator(actor()),
        flows=offers.ways_out(newest.instance, newest),
    )  # fmt: skip


@web.post("/faults/retry-alike")
def retry_alike() -> Done:
    """Let all faults that are alike be tried again, with variables corrected if given."""
    return _mend_alike("retry", _retried)


@web.post("/faults/skip-alike")
def skip_alike() -> Done:
    """Let the step be taken as done in all processes that stand there alike."""
    return _mend_alike("skip", _skipped)


@web.post("/faults/cancel-alike")
def cancel_alike() -> Done:
    """Let all processes that stand there alike be cancelled."""
    return _mend_alike("cancel", _cancelled)


def _mend_alike(act: alike.Act, told: Callable[[int], str]) -> Done:
    place, given = _place(request.form), request.form
    try:
        variables = corrections.read_variables(given.get(corrections.FIELD, ""))
        deed = alike.Deed(act, variables, given.get("flow") or None, given.get("reason", ""))
        with transaction():
            count = alike.order(place, deed, _confirmed(), actor())
    except (Invalid, alike.MoreMeanwhile) as error:
        page = _show_alike(place, Wrong.of(act, error, given))
        return (page, status_of(error)) if page else redirect(url_for("web.faults"), 303)
    flash(told(count) if count else _("Nothing was left to be done."))
    return redirect(url_for("web.faults"), 303)


def _confirmed() -> int:
    """How many the page named; raises Invalid when nobody has said yes to it."""
    if request.form.get("sure") != "yes":
        raise Invalid({"sure": [_("Say that you mean all of them.")]})
    return read_id(request.form.get("count", "")) or 0


def _retried(count: int) -> str:
    words: str = ngettext(
        "%(count)s step is being tried again. What goes on leaves this list.",
        "%(count)s steps are being tried again. What goes on leaves this list.",
        count, count=digits(count),
    )  # fmt: skip
    return words


def _skipped(count: int) -> str:
    words: str = ngettext(
        "%(count)s step is being taken as done. What goes on leaves this list.",
        "%(count)s steps are being taken as done. What goes on leaves this list.",
        count, count=digits(count),
    )  # fmt: skip
    return words


def _cancelled(count: int) -> str:
    words: str = ngettext(
        "%(count)s process is being cancelled.", "%(count)s processes are being cancelled.",
        count, count=digits(count),
    )  # fmt: skip
    return words


def _place(given: Mapping[str, str]) -> alike.Place:
    facts = (given.get("process", ""), given.get("step", ""), given.get("code", ""))
    return alike.Place(*facts, given.get("channel"))


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
