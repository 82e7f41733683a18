"""The inbox: views of tasks grouped by promise, a preview, and a list that refreshes itself."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import datetime
from itertools import groupby
from typing import Any, NamedTuple

from flask import g, make_response, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Answer

from app.errors import NotFound
from app.guard import actor
from app.i18n import current_language, current_zone, day_start, pick_text
from app.services.accounts import people
from app.services.desk import inbox, unmanned
from app.web import promises, task_page
from app.web.blueprint import web
from app.web.choices import service_choices


class Section(NamedTuple):
    """The rows of one promise state, in the order of the list."""

    state: str
    rows: list[tuple[inbox.Row, promises.Promise]]


@web.get("/", endpoint="inbox")
def inbox_list() -> Answer | str:
    """The inbox, or only its list when the page asks for a fresh one."""
    view, filters = read_view(), read_filters()
    cursor = request.args.get("after")
    page = inbox.list_tasks(actor(), view, g.now, today(), filters=filters, cursor=cursor)
    counts = inbox.count_views(actor(), g.now, today())
    context = {"view": view, "filters": filters, "page": page}
    if request.headers.get("X-Fragment") == "list":
        return answer_list(context, page, counts)
    return show_inbox(context, page, counts)


def show_inbox(context: dict[str, Any], page: inbox.Page, counts: dict[str, int]) -> str:
    """The whole page."""
    return render_template(
        "web/inbox.html",
        **context,
        **surroundings(page, counts),
        groups_of_rows=list(sections_of(page)),
        etag=etag_of(page, counts),
    )


def answer_list(context: dict[str, Any], page: inbox.Page, counts: dict[str, int]) -> Answer:
    """The list alone, or 304 without drawing it while it says the same as before."""
    mark = etag_of(page, counts)
    if request.if_none_match.contains(mark):
        return Answer(status=304, headers={"ETag": f'"{mark}"'})
    drawn = render_template("web/_list.html", **context, groups_of_rows=list(sections_of(page)))
    answer = make_response(drawn)
    answer.headers["X-Counts"] = json.dumps(counts)
    answer.headers["ETag"] = f'"{mark}"'
    return answer


def read_view() -> str:
    """The view that the address names; group tasks without one."""
    view = request.args.get("view") or "group"
    if view not in inbox.VIEWS:
        raise NotFound
    return view


def read_filters() -> inbox.Filters:
    """What the filter form narrows."""
    wanted = {name: request.args.get(name) or None for name in ("group", "service", "priority")}
    return inbox.Filters(**wanted, words=request.args.get("words") or None)


def today() -> datetime:
    """The instant at which the organisation's day began."""
    return day_start(g.now, current_zone())


def sections_of(page: inbox.Page) -> Iterator[Section]:
    """The rows under the promise states they stand in."""
    found = promises.of_rows(page.rows, g.now)
    for bucket, rows in groupby(page.rows, key=lambda row: row.bucket):
        shown = [(row, promises.of_row(row, g.now, found)) for row in rows]
        yield Section(promises.STATE_OF.get(bucket, ""), shown)


def etag_of(page: inbox.Page, counts: dict[str, int]) -> str:
    """A mark of what the list says; remaining times are told in minutes, so it lives one."""
    rows = [(r.task.id, r.task.revision, r.bucket, str(r.due_at), _said(r)) for r in page.rows]
    minute = int(g.now.timestamp() // 60)
    said = json.dumps([rows, counts, minute, current_language(), request.query_string.decode()])
    return hashlib.sha256(said.encode()).hexdigest()[:20]


def _said(row: inbox.Row) -> str:
    return str(row.task.request.updated_at) if row.task.request else ""


def surroundings(page: inbox.Page, counts: dict[str, int]) -> dict[str, Any]:
    """The rail, the filter form and the first preview."""
    first = next(iter(page.rows), None)
    return {
        "views": views(),
        "counts": counts,
        "group_counts": inbox.count_groups(actor()),
        "groups": my_groups(),
        "services": service_choices(),
        "unmanned": unmanned.of_actor(actor()),
        "preview": task_page.preview(first.task.id) if first else None,
    }


def my_groups() -> list[tuple[str, str]]:
    """The person's groups (all of them for who oversees) as key and name."""
    named = [
        (group.key, pick_text(group.names, current_language())) for group in people.list_groups()
    ]
    return [pair for pair in named if actor().oversees or pair[0] in actor().groups]


def views() -> list[tuple[str, str, str]]:
    """Each view with its icon and its words."""
    return [
        ("mine", "user", _("My tasks")),
        ("group", "people", _("Group tasks")),
        ("unclaimed", "hand", _("Unclaimed")),
        ("broken", "bad", _("Broken promises")),
        ("risk", "risk", _("At risk")),
        ("paused", "pause", _("Clock paused")),
        ("done", "check", _("Done today")),
    ]


@web.get("/tasks/<id:task_id>/preview")
def preview(task_id: int) -> str:
    """The preview pane of one task."""
    return render_template("web/_preview.html", preview=task_page.preview(task_id))
