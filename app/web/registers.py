"""Assets and problem records, and what binds requests to each other."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask import flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Answer

from app.addresses import read_id
from app.db import transaction
from app.errors import Conflict, Invalid, NoSuch
from app.guard import actor
from app.i18n import current_language
from app.models import ServiceRequest
from app.services.casework import assets, links, problems, requests
from app.web import choices
from app.web.blueprint import web
from app.web.requests import show_request


@web.get("/assets", endpoint="assets")
def assets_list() -> str:
    """The register of assets."""
    after = read_id(request.args.get("after", ""))
    rows, following = assets.list_page(after=after)
    return render_template(
        "web/assets.html", views=assets.seen_by(rows, actor()), first=after is None,
        more=url_for("web.assets", after=following) if following else "",
        criticality=choices.criticality_words(),
    )  # fmt: skip


@web.get("/problems", endpoint="problems")
def problems_list() -> str:
    """The problem records, newest first."""
    after = read_id(request.args.get("after", ""))
    rows, following = problems.list_page(after=after)
    return render_template(
        "web/problems.html", rows=rows, first=after is None, statuses=choices.problem_words(),
        more=url_for("web.problems", after=following) if following else "",
    )  # fmt: skip


@web.get("/problems/<record:number>")
def problem(number: str) -> str:
    """One problem record with its incidents."""
    return _show_problem(number, {})


def _show_problem(number: str, errors: Mapping[str, list[str]]) -> str:
    found = problems.find(number)
    return render_template(
        "web/problem.html", problem=found, incidents=problems.incidents_of(found, actor()),
        statuses=choices.problem_words(), errors=errors, typed=request.form,
    )  # fmt: skip


@web.post("/problems/<record:number>")
def change_problem(number: str) -> Answer | tuple[str, int]:
    """Write what is known of a problem."""
    try:
        with transaction():
            problems.update(problems.find(number), _typed_problem(), actor(), g.now)
    except Invalid as wrong:
        return _show_problem(number, wrong.errors), 422
    flash(_("Saved."))
    return redirect(url_for("web.problem", number=number), 303)


def _typed_problem() -> dict[str, Mapping[str, str] | str]:
    typed: dict[str, Mapping[str, str] | str] = {
        name: {key: request.form.get(f"{name}_{key}", "") for key in ("fa", "en")}
        for name in problems.TEXTS
    }
    return {**typed, "status": request.form.get("status", "")}


@web.post("/requests/<number>/links")
def link(number: str) -> Answer | tuple[str, int]:
    """Hang the request on another one."""

    def act(found: ServiceRequest) -> None:
        other = requests.find(request.form.get("parent", "")[:20], actor())
        links.link_as_staff(found, other, request.form.get("kind", ""), actor(), g.now)

    return _do(number, act, _("Linked."))


@web.post("/requests/<number>/reopen")
def reopen(number: str) -> Answer | tuple[str, int]:
    """Open a closed request again."""

    def act(found: ServiceRequest) -> None:
        requests.reopen(found, actor(), g.now, request.form.get("reason", "")[:2000])

    return _do(number, act, _("Reopened."))


def _do(number: str, act: Callable[[ServiceRequest], None], told: str) -> Answer | tuple[str, int]:
    found = requests.find(number, actor())
    try:
        with transaction():
            act(found)
    except Invalid as wrong:
        said = " ".join(text for texts in wrong.errors.values() for text in texts)
        return show_request(number, said), 422
    except (Conflict, NoSuch) as late:
        return show_request(number, late.message(current_language())), 409
    flash(told)
    return redirect(url_for("web.request_page", number=number), 303)
