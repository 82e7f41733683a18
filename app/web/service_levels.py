"""Service levels: calendars, policies and escalation ladders, seen and changed in versions."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Answer

import sla
from app.db import transaction
from app.errors import Invalid
from app.guard import actor
from app.i18n import (
    current_language,
    current_zone,
)
from app.services.service_levels import (
    sla_feeds,
    sla_fields,
    sla_findings,
    sla_pages,
    sla_settings,
    sla_shown,
    sla_writing,
)
from app.services.service_levels.sla_findings import Finding
from app.services.service_levels.sla_settings import Kind
from app.web import setting_forms, setting_words
from app.web.blueprint import web
from app.web.shell import digits

Page = Answer | tuple[str, int]


@web.get("/service-levels", endpoint="settings")
def settings_list() -> str:
    """All calendars, policies and ladders in force."""
    found = sla_pages.newest()
    kinds = [(kind, sla_pages.parsed(found, kind)) for kind in sla_pages.KINDS]
    return render_template("web/settings.html", kinds=kinds)


@web.get("/service-levels/<kind>/<key>")
def setting(kind: str, key: str) -> str:
    """One of them: what it says, its versions, and what the last change was."""
    known = sla_pages.as_kind(kind)
    versions = sla_pages.history(known, key)
    shown = sla_pages.find(kind, f"{key}@{request.args.get('version') or versions[0].row.version}")
    before = next((one for one in versions if one.row.version < shown.row.version), None)
    changed = sla_pages.difference(before.row.source, shown.row.source) if before else []
    return render_template(
        "web/setting.html", kind=known, versions=versions, shown=shown, before=before,
        changed=changed, weekdays=setting_forms.weekdays(), **said(known, shown.parsed),
    )  # fmt: skip


def said(kind: Kind, parsed: Any) -> dict[str, Any]:
    """What the natural view of a setting needs beside it."""
    if kind != "calendar":
        words = dict(setting_forms.action_kinds())
        return {"action_words": words, "setting_name": setting_words.setting_name}
    today = g.now.astimezone(current_zone()).date()
    days = (today + timedelta(days=number) for number in range(366))
    found = ((day, parsed.holiday_on(day)) for day in days)
    return {
        "fortnight": [*sla.week_of(parsed, today), *sla.week_of(parsed, today + _WEEK)],
        "holidays": [(day, one) for day, one in found if one is not None],
        "keys": sla_shown.WEEKDAYS,
    }


_WEEK = timedelta(days=7)


@web.get("/service-levels/<kind>/<key>/edit")
def edit_setting(kind: str, key: str) -> Page:
    """The editing page, with the newest text or that of an older version."""
    known, how = sla_pages.as_kind(kind), request.args.get("how", setting_forms.FIELDS)
    newest = sla_pages.find(kind, key)
    wanted = request.args.get("version")
    shown = sla_pages.find(kind, f"{key}@{wanted}") if wanted else newest
    return setting_forms.show(setting_forms.opened(known, key, shown, newest.row.version, how))


@web.post("/service-levels/<kind>/<key>/edit")
def save_setting(kind: str, key: str) -> Page:
    """Preview, switch between fields and text, or keep a new version."""
    draft = setting_forms.posted(sla_pages.as_kind(kind), key)
    action = request.form.get("action", "preview")
    if action in (setting_forms.FIELDS, setting_forms.TEXT):
        return setting_forms.show(setting_forms.switched(draft, action))
    looked_at = setting_forms.look_at(draft)
    if action != "save" or looked_at.findings:
        return setting_forms.show(looked_at, 422 if looked_at.findings else 200)
    return keep_unless_odd(looked_at)


def keep_unless_odd(draft: setting_forms.Draft) -> Page:
    """A new version; what is odd about it has to be seen first."""
    if draft.warned != request.form.get("warned", ""):
        return setting_forms.show(draft, 422)
    return keep(draft)


def keep(draft: setting_forms.Draft) -> Page:
    """A new version, unless somebody made one meanwhile."""
    known = sla_settings.has(draft.kind, draft.key)
    newest = sla_settings.newest(draft.kind, draft.key) if known else 0
    if newest != draft.base:
        draft.trouble = _(
            "Somebody kept version %(version)s meanwhile. Open it, and make your change there.",
            version=digits(newest),
        )
        return setting_forms.show(draft, 409)
    try:
        with transaction():
            row = sla_writing.save(draft.kind, draft.key, draft.source, actor(), g.now, draft.note)
            version = row.version
    except Invalid as wrong:
        draft.trouble = " ".join(text for texts in wrong.errors.values() for text in texts)
        return setting_forms.show(draft, 422)
    return kept(draft.kind, draft.key, version, draft.base)


def kept(kind: str, key: str, version: int, base: int) -> Answer:
    """Back to the page of the setting, with a word about what happened."""
    if version == base:
        flash(_("Nothing was different, so there is no new version."))
    else:
        told = _("Version %(version)s is in force. Promises follow it.", version=digits(version))
        flash(told)
    return redirect(url_for("web.setting", kind=kind, key=key), 303)


@web.post("/service-levels/<kind>/<key>/back")
def go_back(kind: str, key: str) -> Page:
    """Put the text of an older version in force again, as a new version."""
    old = sla_pages.find(kind, f"{key}@{request.form.get('version', '')[:9]}")
    newest = sla_settings.newest(sla_pages.as_kind(kind), key)
    draft = setting_forms.opened(old_kind := sla_pages.as_kind(kind), key, old, newest, "text")
    draft.note = _("Back to version %(version)s", version=digits(old.row.version))
    judged = sla_findings.judge_here(old_kind, key, draft.source, g.now)
    draft.findings, draft.warnings = judged.errors, judged.warnings
    return setting_forms.show(draft, 422) if draft.findings else keep_unless_odd(draft)


@web.post("/service-levels/calendar/<key>/closures")
def import_closures(key: str) -> Page:
    """The closures of an iCalendar file or feed put into the draft of a calendar, to be looked
    at."""
    draft = setting_forms.posted("calendar", key)
    try:
        name, feed = sent_feed()
        draft.source = imported(draft.source, key, feed, name)
    except Invalid as wrong:
        draft.trouble = " ".join(text for texts in wrong.errors.values() for text in texts)
        return setting_forms.show(draft, 422)
    except sla.SettingsRefused as refused:
        where = _(", ").join(one for one in (refused.file, refused.key) if one)
        draft.findings = [Finding(0, where, refused.messages)]
        return setting_forms.show(draft, 422)
    return setting_forms.show(setting_forms.switched(draft, draft.how))


def sent_feed() -> tuple[str, bytes]:
    """The name and the bytes of the sent file, else of what the typed address gives."""
    url, sent = request.form.get("feed_url", "").strip(), request.files.get("file")
    if request.form.get("feed") == "fetch":
        return url.rpartition("/")[2][:80] or "feed.ics", sla_feeds.fetch(url, current_language())
    return (sent.filename or "feed.ics", sent.read()) if sent else ("feed.ics", b"")


def imported(source: str, key: str, feed: bytes, name: str) -> str:
    """The text with the closures of the next two years in it."""
    calendar = sla.load_calendar(source.encode(), f"{key}.toml")
    today = g.now.astimezone(current_zone()).date()
    last = today + timedelta(days=2 * 366)
    closures = sla.closures_from_ical(feed, calendar.zone, today, last, name)
    return sla_fields.add_closures(source, closures, calendar)


@web.get("/service-levels/<kind>/new")
def new_setting(kind: str) -> Page:
    """A new one, with the text of another to begin with."""
    known = sla_pages.as_kind(kind)
    return render_template("web/setting_new.html", kind=known, keys=sla_settings.keys(known)), 200


@web.post("/service-levels/<kind>/new")
def begin_setting(kind: str) -> Page:
    """The editing page of a new setting, with the text of the chosen one under the new key."""
    known, key = sla_pages.as_kind(kind), request.form.get("key", "").strip()[:64]
    model = sla_pages.find(kind, request.form.get("like", ""))
    if sla_settings.has(known, key):
        return redirect(url_for("web.edit_setting", kind=kind, key=key), 303)
    source = sla_fields.renamed(model.row.source, key)
    draft = setting_forms.Draft(known, key, source, setting_forms.FIELDS)
    return setting_forms.show(setting_forms.look_at(draft))
