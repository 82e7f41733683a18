"""Mailings: their list, the form of one, how it fares, and what managers do with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from tempfile import SpooledTemporaryFile
from typing import Any

from flask import (  # fmt: skip
    Response,
    flash,
    g,
    redirect,
    render_template,
    request,
    send_file,
    url_for,
)
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as Answer

from app.addresses import read_id
from app.db import transaction
from app.errors import Conflict, Invalid
from app.guard import actor
from app.i18n import current_language, current_zone
from app.models import Mailing
from app.routes import may_enter
from app.services.bulk_sending import (  # fmt: skip
    mailing_acts,
    mailing_audience,
    mailing_reports,
    mailing_sending,
    mailings,
)
from app.web import mailing_forms, mailing_reading, mailing_words
from app.web.blueprint import web
from app.web.shell import digits

Page = Answer | tuple[str, int] | str
Errors = Mapping[str, Sequence[str]]
PAGE = 30


@web.get("/mailings", endpoint="mailings")
def mailings_list() -> str:
    """The mailings, the newest first."""
    rows = mailings.list_page(before=read_id(request.args.get("before", "")), limit=PAGE)
    shown = rows[:PAGE]
    more = url_for("web.mailings", before=shown[-1].id) if len(rows) > PAGE else ""
    return render_template(
        "web/mailings.html", rows=shown, more=more, states=mailing_words.states(),
        ways=mailing_forms.ways_by_id(), totals=mailing_reports.totals(shown),
    )  # fmt: skip


@web.get("/mailings/new")
def new_mailing() -> Page:
    """The form of a new mailing."""
    return _form(None, mailing_forms.empty())


@web.post("/mailings/new")
def add_mailing() -> Page:
    """Keep a new draft."""
    return _keep(None)


@web.get("/mailings/<id:mailing_id>/edit")
def edit_mailing(mailing_id: int) -> Page:
    """The form of a draft."""
    found = mailings.find(mailing_id)
    if found.state != mailings.DRAFT:
        return redirect(url_for("web.mailing", mailing_id=mailing_id))
    return _form(found, mailing_forms.kept(found))


@web.post("/mailings/<id:mailing_id>/edit")
def save_mailing(mailing_id: int) -> Page:
    """Change a draft."""
    return _keep(mailings.find(mailing_id))


@web.post("/mailings/reach")
def mailing_reach() -> str:
    """How many the typed conditions reach, and the first of them."""
    reached, errors = None, dict[str, Sequence[str]]()
    try:
        reached = _reach_of_typed()
    except Invalid as wrong:
        errors.update(wrong.errors)
    return render_template(
        "web/_mailing_reach.html", reached=reached, errors=errors, reason=mailing_words.reason,
        count_all="",
    )  # fmt: skip


@web.get("/mailings/<id:mailing_id>")
def mailing(mailing_id: int) -> Page:
    """One mailing: what it says, to whom, how it fares."""
    return _show(mailing_id)


@web.get("/mailings/<id:mailing_id>/progress")
def mailing_progress(mailing_id: int) -> str:
    """The part of the page that tells how it fares."""
    return render_template("web/_mailing_progress.html", **_progress(mailings.find(mailing_id)))


@web.post("/mailings/<id:mailing_id>/release")
def release_mailing(mailing_id: int) -> Page:
    """Let it go out, at once or at an instant."""
    return _do(
        mailing_id,
        lambda: mailing_acts.release(mailing_id, mailing_forms.instant(), actor(), g.now),
        lambda: _("It goes out."),
    )


@web.post("/mailings/<id:mailing_id>/recall")
def recall_mailing(mailing_id: int) -> Page:
    """Make a draft again of what has not begun."""
    act = mailing_acts.recall
    return _do(mailing_id, lambda: act(mailing_id, actor(), g.now), lambda: _("It is a draft."))


@web.post("/mailings/<id:mailing_id>/stop")
def stop_mailing(mailing_id: int) -> Page:
    """Hold back what was not handed over yet."""
    act = mailing_acts.stop
    return _do(mailing_id, lambda: act(mailing_id, actor(), g.now), lambda: _stopped(mailing_id))


@web.post("/mailings/<id:mailing_id>/resume")
def resume_mailing(mailing_id: int) -> Page:
    """Let it go on where it stopped."""
    act = mailing_acts.resume
    return _do(mailing_id, lambda: act(mailing_id, actor(), g.now), lambda: _("It goes on."))


@web.post("/mailings/<id:mailing_id>/cancel")
def cancel_mailing(mailing_id: int) -> Page:
    """End it for good."""
    act = mailing_acts.cancel
    return _do(mailing_id, lambda: act(mailing_id, actor(), g.now), lambda: _ended(mailing_id))


@web.post("/mailings/<id:mailing_id>/trial")
def try_mailing(mailing_id: int) -> Page:
    """Send the text to oneself."""
    form = request.form
    address, language = form.get("trial", "")[:254].strip(), form.get("language", "")
    return _do(
        mailing_id,
        lambda: mailing_acts.send_trial(mailing_id, address, language, actor(), g.now),
        lambda: _("The trial is on its way to you."),
    )


@web.get("/mailings/<id:mailing_id>/report.csv")
def mailing_report(mailing_id: int) -> Response:
    """The report on every recipient, as a file for spreadsheets."""
    # Whole before it goes out: who is slow to take it keeps neither rows nor a connection.
    file = SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115  # The answer closes it.
    for some in mailing_reports.as_csv(mailings.find(mailing_id), actor()):
        file.write(some.encode())
    file.seek(0)
    name = f"mailing-{mailing_id}.csv"
    return send_file(file, "text/csv", as_attachment=True, download_name=name)


IN_MEMORY = 1_000_000
"""Bytes of a report that need no file."""


def _stopped(mailing_id: int) -> str:
    gone = digits(mailing_acts.gone(mailing_id))
    held = digits(mailing_acts.held_back(mailing_id))
    told: str = _(
        "Stopped. %(gone)s had gone out or were being handed over; %(held)s are held back.",
        gone=gone, held=held,
    )  # fmt: skip
    return told


def _ended(mailing_id: int) -> str:
    gone = digits(mailing_acts.gone(mailing_id))
    told: str = _("Cancelled. %(gone)s had gone out or were being handed over.", gone=gone)
    return told


def _do(mailing_id: int, act: Callable[[], object], told: Callable[[], str]) -> Page:
    try:
        with transaction():
            act()
    except Invalid as wrong:
        return _show(mailing_id, wrong.errors), 422
    except Conflict as late:
        return _show(mailing_id, {"state": [late.message(current_language())]}), 409
    flash(told())
    return redirect(url_for("web.mailing", mailing_id=mailing_id), 303)


def _keep(found: Mailing | None) -> Page:
    base = request.form.get("base", "")
    try:
        draft = mailing_forms.draft()
        with transaction():
            number = found.id if found is not None else None
            kept = mailings.save(number, draft, read_id(base) or 0, actor(), g.now)
            mailing_id = kept.id
    except Invalid as wrong:
        return _form(found, mailing_forms.typed(), wrong.errors), 422
    except Conflict as late:
        told = {"title": [late.message(current_language())]}
        return _form(found, mailing_forms.typed(), told), 409
    flash(_("Saved."))
    return redirect(url_for("web.mailing", mailing_id=mailing_id), 303)


def _form(found: Mailing | None, shown: MultiDict[str, str], errors: Errors | None = None) -> str:
    wrong = {name: list(texts) for name, texts in (errors or {}).items()}
    return render_template(
        "web/mailing_edit.html", mailing=found, shown=shown, errors=wrong,
        offers=mailing_forms.offers(), listed=(found.audience if found is not None else {}),
    )  # fmt: skip


def _show(mailing_id: int, errors: Errors | None = None) -> str:
    found = mailings.find(mailing_id)
    has_begun = found.started_at is not None
    most = None if request.args.get("count") == "all" else mailing_audience.AT_SIGHT
    reached = None if has_begun else mailing_audience.reach(_question(found, most))
    way = mailing_forms.ways_by_id().get(found.channel_id or 0)
    return render_template(
        "web/mailing.html", errors=errors or {}, way=way,
        reached=reached, read=mailing_reading.read(found, reached),
        past=[(one, mailing_words.act(one)) for one in mailings.past_of(mailing_id)],
        lines=_lines(found) if has_begun else None, typed=request.form,
        sees_messages=may_enter("web.deliveries", actor()),
        count_all=url_for("web.mailing", mailing_id=mailing_id, count="all"),
        now_typed=mailing_forms.now_typed(), offers=mailing_forms.offers(), own=_own(found),
        **_progress(found), costs=mailing_reports.costs(found.id),
    )  # fmt: skip


def _own(found: Mailing) -> str:
    """Where a trial goes unless somebody writes another address."""
    user = g.user
    return (user.email or "") if user is not None and found.medium == "email" else ""


def _question(found: Mailing, most: int | None) -> mailing_audience.Question:
    return mailing_sending.question_of(found, actor(), g.now, most)


def _reach_of_typed() -> mailing_audience.Reach:
    """Of a list only what is kept of it counts: a file that is chosen is read when it is saved."""
    number = read_id(request.form.get("mailing", ""))
    found = mailings.find(number) if number is not None else None
    draft, conditions = mailing_forms.draft(), mailing_audience.Conditions()
    audience: dict[str, Any] = {"source": draft.source}
    if draft.source == mailing_audience.CONDITIONS:
        problems = conditions.validate(dict(draft.conditions))
        if problems:
            raise Invalid({str(name): [_("This condition is not known.")] for name in problems})
        audience |= conditions.dump(conditions.load(dict(draft.conditions)))
    way = next((one for one in mailings.ways() if one.key == draft.way), None)
    medium = way.task_type if way is not None else "email"
    most = None if request.form.get("count") == "all" else mailing_audience.AT_SIGHT
    listed = mailing_sending.first_lines(found, most) if found is not None else ()
    question = mailing_audience.Question(
        medium, audience, listed, mailing_audience.LANGUAGES, draft.fallback or "fa", actor(),
        g.now, current_zone(), most,
    )  # fmt: skip
    return mailing_audience.reach(question)


def _progress(found: Mailing) -> dict[str, Any]:
    """What the part tells; ``shown_state`` is how the page around it shows the mailing."""
    return {
        "shown_state": request.args.get("state") or found.state,
        "is_off": mailing_sending.is_switched_off(found),
        "waits_until": mailing_sending.waits_until(found, g.now),
        "mailing": found, "progress": mailing_reports.progress(found),
        "states": mailing_words.states(), "outcomes": mailing_words.outcomes(),
        "reason": mailing_words.reason,
    }  # fmt: skip


def _lines(found: Mailing) -> dict[str, Any]:
    outcome = request.args.get("outcome", "")
    chosen = outcome if outcome in mailing_reports.OUTCOMES else ""
    after = read_id(request.args.get("after", "")) or 0
    rows = mailing_reports.lines(found, actor(), outcome=chosen, after=after, limit=PAGE + 1)
    shown = rows[:PAGE]
    where: dict[str, Any] = {"mailing_id": found.id, "outcome": chosen or None}
    more = url_for("web.mailing", after=shown[-1].id, **where) if len(rows) > PAGE else ""
    first = url_for("web.mailing", **where) if after else ""
    return {"rows": shown, "outcome": chosen, "more": more, "first": first}
