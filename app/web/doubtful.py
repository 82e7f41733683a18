"""Messages of which nobody knows whether they arrived, and what a person decides about them."""

from __future__ import annotations

from functools import partial
from typing import cast, get_args

from flask import flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Answer

from app.access import Actor
from app.addresses import read_id
from app.db import transaction
from app.errors import Invalid, NotFound
from app.guard import actor
from app.i18n import current_language
from app.models import Delivery
from app.routes import may_enter
from app.services.bulk_sending import prospects
from app.services.sending import channels, deliveries, doubtful
from app.web import deeds
from app.web.blueprint import web
from connectors import in_persian

Page = Answer | tuple[str, int] | str


@web.get("/deliveries/doubtful", endpoint="doubtful")
def doubtful_list() -> str:
    """All that wait for a decision, the newest first."""
    return _list(read_id(request.args.get("before", "")))


@web.post("/deliveries/<id:delivery_id>/decide")
def decide_delivery(delivery_id: int) -> Page:
    """Say that it arrived, send it again, or give it up."""
    decision, reason = request.form.get("decision", ""), request.form.get("reason", "")
    if decision not in get_args(doubtful.Decision):
        raise NotFound
    try:
        with transaction():
            chosen = cast(doubtful.Decision, decision)
            told = _told(decision, doubtful.decide(delivery_id, chosen, reason, actor(), g.now))
    except doubtful.NotInDoubt as over:
        told = over.message(current_language())
    except Invalid as wrong:
        told = " ".join(word for words in wrong.errors.values() for word in words)
    flash(told)
    return redirect(url_for("web.doubtful"), 303)


def _told(decision: str, row: Delivery) -> str:
    if decision == "again":
        return prospects.WORDS[prospects.of(row, g.now)][current_language()]
    return str({"arrived": _("It counts as arrived."), "given_up": _("It is given up.")}[decision])


@web.get("/deliveries/<id:delivery_id>", endpoint="delivery")
def one_delivery(delivery_id: int) -> str:
    """One message: how it fares, and what people decided about it."""
    row = deliveries.look_up(delivery_id, actor())
    return render_template(
        "web/delivery.html", row=row, why=why_of(row), place=deliveries.place_of(row),
        past=deeds.told_of(deliveries.element_of(row.id)), may=partial(_may, actor()),
        way=channels.find_by_id(row.channel_id) if row.channel_id else None,
    )  # fmt: skip


def _may(person: Actor, page: str) -> bool:
    return may_enter(f"web.{page}", person)


def why_of(row: Delivery) -> str:
    """What went wrong with a message last, in the reader's language."""
    told = row.error or ""
    return (current_language() == "fa" and in_persian(told)) or told


def _list(before: int | None) -> str:
    rows = doubtful.list_page(actor(), before=before)
    shown, more = rows[: doubtful.PAGE], len(rows) > doubtful.PAGE
    return render_template(
        "web/doubtful.html", rows=shown, why={one.id: why_of(one) for one in shown},
        more=url_for("web.doubtful", before=shown[-1].id) if more else "",
        first=url_for("web.doubtful") if before else "",
    )  # fmt: skip
