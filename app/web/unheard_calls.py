"""Calls of partners that no process waited for: the list, and what a person does with them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from flask import flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response as Answer

from app.addresses import read_id
from app.db import transaction
from app.errors import Invalid, NotFound
from app.guard import actor
from app.i18n import current_language
from app.services.accounts import people
from app.services.intake import unheard_calls
from app.services.sending import channels
from app.web import deeds
from app.web.blueprint import web
from app.web.runs import in_json
from app.web.shell import digits

Page = Answer | tuple[str, int] | str


@web.get("/partner-calls", endpoint="unheard_calls")
def unheard_list() -> str:
    """The calls of one state, the newest first."""
    state = request.args.get("state", unheard_calls.UNHEARD)
    if state not in unheard_calls.STATES:
        raise NotFound
    before = read_id(request.args.get("before", ""))
    rows = unheard_calls.list_page(state, before=before)
    shown, here = rows[: unheard_calls.PAGE], url_for("web.unheard_calls", state=state)
    more = len(rows) > len(shown)
    return render_template(
        "web/unheard_calls.html", rows=shown, state=state, states=_states(),
        past=deeds.told_of(unheard_calls.FORGOTTEN_ONES) if state == unheard_calls.DROPPED else (),
        counts=unheard_calls.counts(), ways={one.id: one for one in channels.all_ways()},
        more=url_for("web.unheard_calls", state=state, before=shown[-1].id) if more else "",
        first=here if before else "",
    )  # fmt: skip


@web.get("/partner-calls/<id:call_id>")
def unheard_call(call_id: int) -> Page:
    """One call, and what can be done with it."""
    return _show(call_id)


@web.post("/partner-calls/<id:call_id>/offer")
def offer_unheard(call_id: int) -> Page:
    """Give it to the processes that wait for it by now."""

    def act() -> str:
        return _heard(unheard_calls.offer(call_id, actor(), g.now).reached or 0)

    return _decide(call_id, act)


@web.post("/partner-calls/<id:call_id>/correct")
def correct_unheard(call_id: int) -> Page:
    """Put its key and values right before it is offered again."""

    def act() -> str:
        key, values, why = (request.form.get(name, "") for name in ("key", "values", "why"))
        base = request.form.get("base")
        try:
            unheard_calls.correct(call_id, key, values, why, actor(), g.now, base=base)
        except Invalid as wrong:
            # The page has another field for the reason of dropping it.
            beside = {"why" if name == "reason" else name: t for name, t in wrong.errors.items()}
            raise Invalid(beside) from None
        return str(_("Saved. Offer it again now."))

    return _decide(call_id, act)


@web.post("/partner-calls/<id:call_id>/drop")
def drop_unheard(call_id: int) -> Page:
    """Let nothing come of it."""

    def act() -> str:
        unheard_calls.drop(call_id, request.form.get("reason", ""), actor(), g.now)
        return str(_("Dropped."))

    return _decide(call_id, act)


def _decide(call_id: int, act: Callable[[], str]) -> Page:
    try:
        with transaction():
            told = act()
    except unheard_calls.AlreadyDecided as decided:
        told = decided.message(current_language())
    except Invalid as wrong:
        return _show(call_id, wrong.errors, request.form.to_dict()), 422
    except unheard_calls.CorrectedMeanwhile as late:
        # Saved once more, it is meant for how the call stands now, which the page shows.
        typed = {name: text for name, text in request.form.to_dict().items() if name != "base"}
        errors = {"values": [late.message(current_language())]}
        return _show(call_id, errors, typed, is_late=True), 409
    flash(told)
    return redirect(url_for("web.unheard_call", call_id=call_id), 303)


def _heard(count: int) -> str:
    if not count:
        return str(_("Still nothing waits for it."))
    words: str = ngettext(
        "One process heard it.", "%(count)s processes heard it.", count, count=digits(count)
    )
    return words


def _show(
    call_id: int,
    errors: Mapping[str, Sequence[str]] | None = None,
    typed: Mapping[str, str] | None = None,
    *,
    is_late: bool = False,
) -> str:
    row = unheard_calls.find(call_id)
    base = unheard_calls.stand_of(row)
    kept = {"key": row.correlation, "values": in_json(row.data), "base": base}
    decider = next(iter(people.of_ids([row.decided_by] if row.decided_by else [])), None)
    return render_template(
        "web/unheard_call.html", row=row, errors=errors or {}, typed={**kept, **(typed or {})},
        newer=kept if is_late else None,
        way=channels.find_by_id(row.channel_id), decider=decider, states=_states(),
        past=deeds.told_of(unheard_calls.element_of(call_id)),
        is_open=row.state in (unheard_calls.UNHEARD, unheard_calls.WAITING),
    )  # fmt: skip


def _states() -> Mapping[str, str]:
    return {
        unheard_calls.UNHEARD: _("Nothing waited for them"),
        unheard_calls.WAITING: _("Offered again by themselves"),
        unheard_calls.DROPPED: _("Dropped"),
    }
