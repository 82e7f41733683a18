"""Telephone calls that wait for a person: the list, one call, and what staff do with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Answer

from app.addresses import read_id
from app.db import transaction
from app.errors import Invalid
from app.guard import actor
from app.services.intake import call_triage, triage
from app.web import deeds, inbound_words
from app.web.blueprint import web
from app.web.shell import digits

Page = Answer | tuple[str, int] | str


@web.get("/triage/calls", endpoint="waiting_calls")
def waiting_calls() -> str:
    """The calls that belong to no request, or that were dropped, the newest first."""
    dropped = request.args.get("dropped") == "1"
    return _list(dropped, read_id(request.args.get("before", "")))


def _list(dropped: bool, before: int | None) -> str:
    rows = call_triage.list_page(dropped=dropped, before=before)
    shown, which = rows[: call_triage.PAGE], 1 if dropped else None
    more = len(rows) > len(shown)
    return render_template(
        "web/phone_calls.html", rows=shown, states=inbound_words.states(), state="calls",
        counts=triage.counts(), calls=call_triage.count(), outcomes=outcomes(),
        customers=call_triage.customers_of(shown, actor()),
        more=url_for("web.waiting_calls", before=shown[-1].id, dropped=which) if more else "",
        dropped=dropped, first=url_for("web.waiting_calls", dropped=which) if before else "",
    )  # fmt: skip


@web.get("/triage/calls/<id:call_id>")
def phone_call(call_id: int) -> Page:
    """One call, and what can be done with it."""
    return _show(call_id)


@web.post("/triage/calls/<id:call_id>/join")
def join_call(call_id: int) -> Page:
    """Let it stand on a request."""
    number = request.form.get("number", "")
    try:
        with transaction():
            found = call_triage.join(call_id, number, actor(), g.now)
    except Invalid as wrong:
        return _show(call_id, wrong.errors, number=number), 422
    flash(_("It stands on request %(number)s.", number=digits(found.number)))
    return redirect(url_for("web.request_page", number=found.number), 303)


@web.post("/triage/calls/<id:call_id>/dismiss")
def dismiss_call(call_id: int) -> Page:
    """Let nothing come of it."""
    reason = request.form.get("reason", "")
    try:
        with transaction():
            call_triage.dismiss(call_id, reason, actor(), g.now)
    except Invalid as wrong:
        return _show(call_id, wrong.errors, reason=reason), 422
    flash(_("Dropped."))
    return redirect(url_for("web.waiting_calls"), 303)


def outcomes() -> Mapping[tuple[str, str], str]:
    """How a call ended, by who called."""
    return {
        ("inbound", "answered"): _("Called and was answered"),
        ("inbound", "missed"): _("Called and nobody answered"),
        ("inbound", "busy"): _("Called and the line was busy"),
        ("inbound", "failed"): _("Called and did not get through"),
        ("inbound", "voicemail"): _("Left a voice mail"),
        ("outbound", "answered"): _("Was called and answered"),
        ("outbound", "missed"): _("Was called and did not answer"),
        ("outbound", "busy"): _("Was called and the line was busy"),
        ("outbound", "failed"): _("Was called and could not be reached"),
        ("outbound", "voicemail"): _("Got a voice mail from us"),
    }


def _show(
    call_id: int, errors: Mapping[str, Sequence[str]] | None = None, **typed: Any
) -> str:  # fmt: skip
    row = call_triage.find(call_id)
    return render_template(
        "web/phone_call.html", row=row, typed=typed, errors=errors or {}, outcomes=outcomes(),
        customer=call_triage.customer_of(row, actor()),
        requests=call_triage.open_requests(row, actor()),
        is_open=row.request_id is None and row.decided_at is None,
        past=deeds.told_of(call_triage.element_of(row.id)),
    )  # fmt: skip
