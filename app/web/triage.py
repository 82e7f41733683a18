"""Messages that wait for a person: the list, one message, and what staff do with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flask import flash, g, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response as Answer

import forms
from app.access import may_receive, may_see_request
from app.addresses import read_id
from app.db import transaction
from app.errors import Invalid, NotFound
from app.guard import actor
from app.models import InboundMessage, ServiceRequest
from app.models.inbound import QUARANTINED, TRIAGE
from app.services.execution import form_data
from app.services.intake import call_triage, inbound_files, triage
from app.services.intake.incoming import Opening
from app.services.sending import channels
from app.web import choices, deeds, inbound_words, new_request
from app.web.blueprint import web
from app.web.shell import digits
from connectors import mail_html

Page = Answer | tuple[str, int] | str
PREFIX = new_request.PREFIX


@web.get("/triage", endpoint="triage")
def triage_list() -> str:
    """The messages of one state, the newest first."""
    return _list(request.args.get("state", TRIAGE))


def _list(state: str, errors: Mapping[str, Sequence[str]] | None = None, **typed: str) -> str:
    if state not in inbound_words.states():
        raise NotFound
    rows = triage.list_page(state, before=read_id(request.args.get("before", "")))
    shown = rows[: triage.PAGE]
    more = url_for("web.triage", state=state, before=shown[-1].id) if len(rows) > len(shown) else ""
    return render_template(
        "web/triage.html", rows=shown, state=state, more=more, counts=triage.counts(),
        states=inbound_words.states(), why=inbound_words.why, ways=_ways(),
        calls=call_triage.count(), errors=errors or {}, typed=typed,
        reasons=_reasons() if state == QUARANTINED else (),
    )  # fmt: skip


def _reasons() -> list[tuple[str, str]]:
    """Why messages are in quarantine, in words, with how many."""
    found = triage.reasons().items()
    words = ((why, inbound_words.why(InboundMessage(why=why)), count) for why, count in found)
    return [(why, f"{digits(count)} · {told}") for why, told, count in words]


@web.post("/triage/quarantine/drop")
def drop_quarantined() -> Page:
    """Let nothing come of all that is in quarantine for one reason."""
    why, reason = request.form.get("why", ""), request.form.get("reason", "")
    try:
        with transaction():
            count = triage.drop_alike(why, reason, actor(), g.now)
    except Invalid as wrong:
        return _list(QUARANTINED, wrong.errors, why=why, reason=reason), 422
    told = ngettext("One message is dropped.", "%(count)s messages are dropped.", count,
                    count=digits(count))  # fmt: skip
    if count == triage.MOST_AT_ONCE:
        told = _("%(count)s messages are dropped. There are more; drop again.", count=digits(count))
    flash(told)
    return redirect(url_for("web.triage", state=QUARANTINED), 303)


@web.get("/triage/<id:message_id>")
def inbound(message_id: int) -> Page:
    """One message, and what can be done with it."""
    return _show(message_id)


@web.post("/triage/<id:message_id>/join")
def join_inbound(message_id: int) -> Page:
    """Let it be the customer's word on a request."""
    uploads = inbound_files.uploads_of(message_id)
    number = request.form.get("number", "")
    return _place(
        message_id, lambda: triage.join(message_id, number, uploads, actor(), g.now), number=number
    )


@web.post("/triage/<id:message_id>/open")
def open_inbound(message_id: int) -> Page:
    """Open a request of a service with it."""
    service = new_request.chosen_service()
    if service is None:
        raise NotFound
    form = form_data.find(service.form)
    answers = forms.gather(form, request.form.to_dict(flat=False), PREFIX)
    uploads = inbound_files.uploads_of(message_id)
    opening = Opening(service.key, answers, why="staff")
    return _place(
        message_id, lambda: triage.open_request(message_id, opening, uploads, actor(), g.now),
        answers=answers,
    )  # fmt: skip


@web.post("/triage/<id:message_id>/drop")
def drop_inbound(message_id: int) -> Page:
    """Let nothing come of it."""
    reason = request.form.get("reason", "")
    return _decide(
        message_id, lambda: triage.drop(message_id, reason, actor(), g.now), _("Dropped."),
        reason=reason,
    )  # fmt: skip


@web.post("/triage/<id:message_id>/release")
def release_inbound(message_id: int) -> Page:
    """Let it out of quarantine."""
    told = _("Released: it finds its place within a moment.")
    return _decide(message_id, lambda: triage.release(message_id, actor(), g.now), told)


@web.get("/inbound/<id:message_id>/formatted")
def inbound_formatted(message_id: int) -> Answer:
    """The message as its sender formatted it, in a page of its own that can do nothing."""
    row = _seen(message_id)
    images = request.args.get("images") == "1"
    body = mail_html.clean(row.html or "", images=images)
    if not row.html or body is None:
        raise NotFound
    answer = make_response(
        render_template("web/inbound_formatted.html", row=row, body=body, images=images)
    )
    sources = "https: data:" if images else "'none'"
    answer.headers["Content-Security-Policy"] = (
        f"sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; "
        f"img-src {sources}; style-src 'unsafe-inline'; frame-ancestors 'none'"
    )
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


def _seen(message_id: int) -> InboundMessage:
    """A message that the actor may read: as one who receives, or on a request that they see."""
    row = triage.find(message_id)
    of = triage.request_of(row)
    if may_see_request(actor(), of) if of is not None else may_receive(actor()):
        return row
    raise NotFound


def _place(message_id: int, act: Callable[[], ServiceRequest], **typed: Any) -> Page:
    try:
        with transaction():
            made = act()
    except Invalid as wrong:
        return _show(message_id, wrong.errors, **typed), 422
    flash(_("It stands on request %(number)s.", number=digits(made.number)))
    return redirect(url_for("web.request_page", number=made.number), 303)


def _decide(message_id: int, act: Callable[[], None], done: str, **typed: Any) -> Page:
    was = triage.find(message_id).state
    try:
        with transaction():
            act()
    except Invalid as wrong:
        return _show(message_id, wrong.errors, **typed), 422
    flash(done)
    return redirect(url_for("web.triage", state=was if was == QUARANTINED else TRIAGE), 303)


def _show(
    message_id: int,
    errors: Mapping[str, Sequence[str]] | None = None,
    *,
    answers: Mapping[str, Any] | None = None,
    **typed: Any,
) -> str:
    row, wrong = _seen(message_id), errors or {}
    service = new_request.chosen_service() if request.values.get("service") else None
    form = new_request.draw(service, answers or {}, wrong) if service else ""
    return render_template(
        "web/inbound.html", row=row, typed=typed, service=service, form=form,
        errors=new_request.by_field(wrong), own=new_request.own_errors(wrong),
        services=choices.services(), states=inbound_words.states(), why=inbound_words.why(row),
        of=triage.request_of(row), way=_ways().get(row.channel_id),
        is_open=row.state in triage.OPEN and not triage.is_on_its_way(row), has_html=bool(row.html),
        past=deeds.told_of(triage.element_of(row.id)),
    )  # fmt: skip


def _ways() -> dict[int, channels.Way]:
    return {one.id: one for one in channels.all_ways()}
