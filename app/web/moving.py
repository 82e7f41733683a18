"""Which runs of older versions could go on in the newest one."""

from __future__ import annotations

from typing import NamedTuple

from flask import render_template
from flask_babel import gettext as _

from app.guard import actor
from app.models import ProcessInstance
from app.services.deployment import definitions
from app.services.execution import instances, migrating
from app.web import offers
from app.web.blueprint import web

MOST = 100


class Row(NamedTuple):
    """One run, and what would become of it."""

    run: ProcessInstance
    newer: offers.Newer


@web.get("/processes/<id:definition_id>/moves")
def moves(definition_id: int) -> str:
    """What would happen to the runs of other versions if they were moved here; nothing is done."""
    row = definitions.find(definition_id)
    order = migrating.order(row.key, row.version, {}, actor())
    ids = migrating.waiting(order, actor(), limit=MOST)
    found = [_judged(order, run_id) for run_id in ids]
    return render_template("web/moves.html", row=row, rows=found, words=verdict)


def _judged(order: migrating.Order, run_id: int) -> Row:
    run = instances.find(run_id, actor())
    move = migrating.preview(order, run_id, actor())
    return Row(run, offers.judged(order.target, run, move))


def verdict(key: str) -> str:
    """A verdict in words."""
    words: dict[str, str] = {
        "movable": _("Can be moved"),
        "refused": _("Cannot be moved"),
    }
    return words.get(key) or str(_("Nothing to do"))
