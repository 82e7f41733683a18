"""Addresses that nothing is sent to: the list, a new one, one with its past, and the way back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask import flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Answer

from app.addresses import read_id
from app.db import transaction
from app.errors import Invalid
from app.guard import actor
from app.services.sending import no_contact
from app.web.blueprint import web

Page = Answer | tuple[str, int] | str
BY_STAFF = ("asked", "staff")
"""The reasons that a member of staff may give."""


@web.get("/no-contact", endpoint="no_contact")
def no_contact_list() -> str:
    """The addresses that fit the search, the newest first."""
    return _list()


@web.post("/no-contact")
def bar_address() -> Page:
    """Send nothing to an address from now on."""
    typed = {name: request.form.get(name, "") for name in ("address", "reason", "note")}
    try:
        with transaction():
            is_new = no_contact.bar_by_hand(**typed, actor=actor(), now=g.now)
    except Invalid as wrong:
        return _list(typed, wrong.errors), 422
    told = _("Nothing is sent there any more.") if is_new else _("It stood here already.")
    flash(told)
    return redirect(url_for("web.no_contact"), 303)


@web.get("/no-contact/<id:row_id>")
def barred_address(row_id: int) -> Page:
    """One address with all that was decided about it."""
    return _show(row_id)


@web.post("/no-contact/<id:row_id>/allow")
def allow_address(row_id: int) -> Page:
    """Send there again."""
    note = request.form.get("note", "")
    try:
        with transaction():
            address = no_contact.allow_by_hand(row_id, note, actor(), g.now)
    except Invalid as wrong:
        return _show(row_id, wrong.errors, note), 422
    flash(_("It may be written to again."))
    return redirect(url_for("web.no_contact", q=address), 303)


def reasons() -> Mapping[str, str]:
    """Why nothing is sent, in words."""
    return {
        "asked": _("They asked for it"),
        "opted_out": _("They unsubscribed"),
        "bounced": _("Letters came back"),
        "staff": _("We decided so"),
    }


def _list(
    typed: Mapping[str, str] | None = None, errors: Mapping[str, Sequence[str]] | None = None
) -> str:
    words = request.args.get("q", "")[:254].strip()
    rows = no_contact.list_page(words, before=read_id(request.args.get("before", "")))
    shown = rows[: no_contact.PAGE]
    more = len(rows) > len(shown)
    chosen = [(key, told) for key, told in reasons().items() if key in BY_STAFF]
    return render_template(
        "web/no_contact.html", rows=shown, words=words, typed=typed or {}, errors=errors or {},
        reasons=reasons(), choices=chosen, past=no_contact.past_of(words) if words else (),
        more=url_for("web.no_contact", q=words or None, before=shown[-1].id) if more else "",
    )  # fmt: skip


def _show(row_id: int, errors: Mapping[str, Sequence[str]] | None = None, note: str = "") -> str:
    row = no_contact.find(row_id)
    return render_template(
        "web/barred_address.html", row=row, errors=errors or {}, note=note, reasons=reasons(),
        past=no_contact.past_of(row.address),
    )  # fmt: skip
