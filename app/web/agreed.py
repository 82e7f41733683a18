"""What is agreed with a customer, and the branches: pages for managers and administrators."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from flask import flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Answer

from app.db import transaction
from app.errors import Invalid
from app.guard import actor
from app.i18n import current_language, format_day, read_day, short_day
from app.models import Branch, Contract, Event, Party
from app.services.casework import agreed, catalogue, records, terms
from app.services.service_levels import sla_settings
from app.web.blueprint import web
from app.web.choices import level_words, tier_words
from app.web.task_page import named

Errors = Mapping[str, Sequence[str]]
Page = Answer | str | tuple[str, int]


class Past(NamedTuple):
    """One entry of what was agreed: who, when, and in words what."""

    event: Event
    words: str


@web.get("/customers/<id:party_id>/terms")
def customer_terms(party_id: int) -> str:
    """The customer's tier, branch and contracts; ``contract`` names the one to change."""
    party = records.find_customer(party_id, actor())
    return _show_customer(party, request.args.get("contract", ""), {}, {})


@web.post("/customers/<id:party_id>/terms")
def place_customer(party_id: int) -> Page:
    """Give the customer a tier and a branch; the promises of open requests follow."""
    party = records.find_customer(party_id, actor())
    form = request.form
    try:
        with transaction():
            agreed.place(
                party, form.get("tier", ""), form.get("branch", ""), actor(), g.now,
                language=current_language(),
            )  # fmt: skip
    except Invalid as wrong:
        return _show_customer(party, "", form, wrong.errors), 422
    return _kept(party)


@web.post("/customers/<id:party_id>/contracts")
def sign_contract(party_id: int) -> Page:
    """Keep a contract of the customer, a new one or one that there is."""
    party = records.find_customer(party_id, actor())
    was = request.form.get("was", "")
    try:
        with transaction():
            agreed.sign(
                party, _typed(was or request.form.get("number", "")), actor(), g.now,
                language=current_language(), is_new=not was,
            )  # fmt: skip
    except Invalid as wrong:
        return _show_customer(party, was, request.form, wrong.errors), 422
    return _kept(party)


def _kept(party: Party) -> Answer:
    flash(_("Saved. The promises of open requests follow within a minute."))
    return redirect(url_for("web.customer_terms", party_id=party.id), 303)


def _typed(number: str) -> agreed.ContractDraft:
    """What was typed; raises Invalid for a last day that is no day."""
    form = request.form
    ends_on = form.get("ends_on", "").strip()
    last = read_day(ends_on)
    if ends_on and last is None:
        raise Invalid({"ends_on": [_("Write a day, such as %(day)s.", day=_day_of(g.now.date()))]})
    names = {key: form.get(f"name_{key}", "") for key in ("fa", "en")}
    starts_on, services = read_day(form.get("starts_on", "")), form.getlist("services")
    return agreed.ContractDraft(number, names, form.get("level", ""), starts_on, last, services)


def _show_customer(party: Party, number: str, typed: Mapping[str, Any], errors: Errors) -> str:
    contracts = terms.contracts_of(party.id)
    mine = next((one for one in contracts if one.number == number), None)
    return render_template(
        "web/customer_terms.html", party=party, contracts=contracts, mine=mine,
        values=typed or _values_of(mine), placed=typed if "tier" in typed else _place_of(party),
        chosen=request.form.getlist("services") if typed else (mine.services if mine else []),
        errors=errors, branches=_branches(), day_of=_day_of, level_words=level_words,
        tiers=agreed.known_tiers(), levels=agreed.known_levels(),
        services=[(key, named(one.names)) for key, one in catalogue.services().items()],
        past=[Past(one, _told(one)) for one in agreed.past_of(f"customer:{party.id}")],
    )  # fmt: skip


def _place_of(party: Party) -> Mapping[str, str]:
    return {"tier": party.tier, "branch": party.branch_key or ""}


def _values_of(contract: Contract | None) -> Mapping[str, str]:
    if contract is None:
        return {}
    return {
        "number": contract.number, "level": contract.level,
        "name_fa": contract.names.get("fa", ""), "name_en": contract.names.get("en", ""),
        "starts_on": _day_of(contract.starts_on),
        "ends_on": _day_of(contract.ends_on) if contract.ends_on else "",
    }  # fmt: skip


def _day_of(day: date) -> str:
    """As it is typed in the reader's language."""
    return short_day(day, current_language())


def _branches() -> list[tuple[str, str]]:
    return [("", _("No branch")), *((one.key, named(one.names)) for one in terms.branches())]


def _told(event: Event) -> str:
    """An entry of the history in words."""
    data = event.data
    if "contract" not in data:
        tier, before = (tier_words(data.get(name) or "") for name in ("tier", "tier_before"))
        words: str = _(
            "tier %(tier)s (before: %(before)s), branch: %(branch)s", tier=tier, before=before,
            branch=data.get("branch") or _("none"),
        )  # fmt: skip
        return words
    days = {"first": _long_day(data.get("starts_on")), "last": _long_day(data.get("ends_on"))}
    facts = {"number": data["contract"], "level": level_words(data.get("level") or ""), **days}
    words = _("contract %(number)s, level %(level)s, from %(first)s on", **facts)
    if days["last"]:
        words = _("contract %(number)s, level %(level)s, %(first)s to %(last)s", **facts)
    return words


def _long_day(day: str | None) -> str:
    return format_day(date.fromisoformat(day), current_language()) if day else ""


@web.get("/branches", endpoint="branches")
def branches_list() -> str:
    """The branches with their names and calendars; ``branch`` names the one to change."""
    return _show_branches(request.args.get("branch", ""), {}, {})


@web.post("/branches")
def keep_branch() -> Page:
    """Keep a branch, a new one or one that there is."""
    form, was = request.form, request.form.get("was", "")
    names = {key: form.get(f"name_{key}", "") for key in ("fa", "en")}
    draft = agreed.BranchDraft(was or form.get("key", ""), names, form.get("calendar", ""))
    try:
        with transaction():
            agreed.keep_branch(draft, actor(), g.now, language=current_language(), is_new=not was)
    except Invalid as wrong:
        return _show_branches(was, form, wrong.errors), 422
    flash(_("Saved. The promises of open requests follow within a minute."))
    return redirect(url_for("web.branches"), 303)


def _show_branches(key: str, typed: Mapping[str, Any], errors: Errors) -> str:
    rows = terms.branches()
    mine = next((one for one in rows if one.key == key), None)
    return render_template(
        "web/branches.html", branches=rows, mine=mine, errors=errors,
        values=typed or _branch_values(mine), calendars=_calendars(),
        past=agreed.past_of(f"branch:{mine.key}") if mine else [],
    )  # fmt: skip


def _branch_values(branch: Branch | None) -> Mapping[str, str]:
    if branch is None:
        return {}
    names = {f"name_{key}": branch.names.get(key, "") for key in ("fa", "en")}
    return {**names, "key": branch.key, "calendar": branch.calendar or ""}


def _calendars() -> list[tuple[str, str]]:
    """Every calendar by its name, and none of its own."""
    keys = sla_settings.keys("calendar")
    words = [(key, named(sla_settings.calendar(key).names)) for key in keys]
    return [("", _("that of the policy")), *words]
