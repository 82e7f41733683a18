"""What is agreed with customers: their tier, contracts and branch; and the branches themselves.

Every change leaves an entry of the history, and the promises of the open requests that it is
about follow it in the background.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from app import jobs
from app.access import Actor
from app.db import session
from app.errors import Invalid
from app.models import Branch, Contract, Event, Party
from app.models.history import AGREED
from app.services import history, texts
from app.services.casework import catalogue, terms
from app.services.service_levels import fact_names, sla_settings
from app.services.texts import choose

_KEY = re.compile(r"[a-z][a-z0-9_-]{0,39}")
_NUMBER = re.compile(r"[^\W_](?:[\w ./-]{0,38}[^\W_])?")
LONGEST_NAME = 200

Errors = dict[str, list[str]]


@dataclass(frozen=True)
class ContractDraft:
    """A contract as it is typed; the days are the first and the last on which it is in force."""

    number: str
    names: Mapping[str, str]
    level: str
    starts_on: date | None
    ends_on: date | None = None
    services: Sequence[str] = ()
    """Keys of services; none: all of them."""


@dataclass(frozen=True)
class BranchDraft:
    """A branch as it is typed."""

    key: str
    names: Mapping[str, str]
    calendar: str = ""
    """The key of its own calendar; empty: that of the policy."""


def place(
    party: Party, tier: str, branch: str, actor: Actor, now: datetime, *, language: str
) -> bool:
    """Give a customer a tier and a branch (empty: none); whether that changed anything.

    Raises Invalid with ``tier`` and ``branch``.
    """
    session().refresh(party, with_for_update=True)
    tier, before = tier.strip().lower(), (party.tier, party.branch_key)
    errors: Errors = {}
    if not _KEY.fullmatch(tier):
        errors["tier"] = [choose(_WORDS["key"], language)]
    if branch and not terms.has_branch(branch):
        errors["branch"] = [choose(_WORDS["branch"], language)]
    _refuse(errors)
    if (tier, branch or None) == before:
        return False
    party.tier, party.branch_key = tier, branch or None
    session().flush()
    told = {"tier": tier, "tier_before": before[0], "branch": branch or None}
    _note(f"customer:{party.id}", told | {"branch_before": before[1]}, actor, now)
    jobs.defer(jobs.RENEW_TERMS, party_id=party.id, branch_before=before[1], lock="renew_terms")
    return True


def sign(
    party: Party,
    draft: ContractDraft,
    actor: Actor,
    now: datetime,
    *,
    language: str,
    is_new: bool | None = None,
) -> Contract:
    """Keep a contract of a customer: a new one, or that of its number as it is to be from now on;
    with ``is_new`` only the one or the other.

    Raises Invalid with ``number``, ``names``, ``level``, ``starts_on``, ``ends_on``, ``services``.
    """
    number = " ".join(draft.number.split())
    row = session().scalar(select(Contract).where(Contract.number == number).with_for_update())
    errors = _check_contract(draft, number, party, row, language)
    if is_new is not None and is_new != (row is None):
        errors.setdefault("number", [choose(_WORDS["taken" if is_new else "contract"], language)])
    _refuse(errors)
    is_new = row is None
    row = row or Contract(party_id=party.id, number=number)
    row.names, row.level = _names(draft.names), draft.level.strip().lower()
    row.services = [key for key in catalogue.services() if key in draft.services]
    row.starts_on, row.ends_on = draft.starts_on or now.date(), draft.ends_on
    session().add(row)
    session().flush()
    told = {"contract": number, "is_new": is_new, "level": row.level, "services": row.services}
    told |= {"starts_on": row.starts_on.isoformat()}
    told |= {"ends_on": row.ends_on.isoformat() if row.ends_on else None}
    _note(f"customer:{party.id}", told, actor, now)
    jobs.defer(jobs.RENEW_TERMS, party_id=party.id, lock="renew_terms")
    return row


def _check_contract(
    draft: ContractDraft, number: str, party: Party, row: Contract | None, language: str
) -> Errors:
    errors = _check_names(draft.names, language)
    if not _NUMBER.fullmatch(number):
        errors["number"] = [choose(_WORDS["number"], language)]
    elif row is not None and row.party_id != party.id:
        errors["number"] = [choose(_WORDS["taken"], language)]
    if not _KEY.fullmatch(draft.level.strip().lower()):
        errors["level"] = [choose(_WORDS["key"], language)]
    if draft.starts_on is None:
        errors["starts_on"] = [choose(_WORDS["day"], language)]
    elif draft.ends_on is not None and draft.ends_on < draft.starts_on:
        errors["ends_on"] = [choose(_WORDS["end"], language)]
    if set(draft.services) - set(catalogue.services()):
        errors["services"] = [choose(_WORDS["service"], language)]
    return errors


def keep_branch(
    draft: BranchDraft, actor: Actor, now: datetime, *, language: str, is_new: bool | None = None
) -> Branch:
    """Keep a branch: a new one, or that of its key as it is to be from now on; with ``is_new``
    only the one or the other. Raises Invalid with ``key``, ``names``, ``calendar``."""
    key = draft.key.strip().lower()
    errors = _check_names(draft.names, language)
    row = session().get(Branch, key, with_for_update=True)
    if not _KEY.fullmatch(key):
        errors["key"] = [choose(_WORDS["key"], language)]
    elif is_new is not None and is_new != (row is None):
        errors["key"] = [choose(_WORDS["taken" if is_new else "branch"], language)]
    if draft.calendar and not sla_settings.has("calendar", draft.calendar):
        errors["calendar"] = [choose(_WORDS["calendar"], language)]
    _refuse(errors)
    row = row or Branch(key=key)
    row.names, row.calendar = _names(draft.names), draft.calendar or None
    session().add(row)
    session().flush()
    _note(f"branch:{key}", {"names": row.names, "calendar": row.calendar}, actor, now)
    jobs.defer(jobs.RENEW_TERMS, branch=key, lock="renew_terms")
    return row


def past_of(about: str, limit: int = 20) -> list[Event]:
    """What was agreed about ``customer:12`` or ``branch:north``, the newest first."""
    query = select(Event).where(Event.kind == AGREED, Event.element == about)
    return list(session().scalars(query.order_by(Event.id.desc()).limit(limit)))


def known_tiers() -> list[str]:
    """The tiers that policies and the catalogue ask for, and the usual one first."""
    named = _asked("tier") | {
        tier for one in catalogue.services().values() for tier in one.audience.tiers
    }
    return [terms.STANDARD, *sorted(named - {terms.STANDARD})]


def known_levels() -> list[str]:
    """The levels of contracts that policies ask for, and those that contracts have."""
    signed = session().scalars(select(Contract.level).distinct().limit(100))
    return sorted(_asked("contract") | {*signed})


def _asked(fact: str) -> set[str]:
    """What the policies in force say of a fact, in their rules and in their names."""
    policies = (sla_settings.policy(key) for key in sla_settings.keys("policy"))
    metrics = (metric for policy in policies for metric in policy.metrics.values())
    asked = {rule.when[fact] for metric in metrics for rule in metric.rules if fact in rule.when}
    kinds = (one.partition(":") for one in fact_names.of_policies())
    return asked | {value for kind, _, value in kinds if kind == fact}


def _note(about: str, told: Mapping[str, Any], actor: Actor, now: datetime) -> None:
    history.note(AGREED, actor, now, element=about, data=told)


def _names(typed: Mapping[str, str]) -> dict[str, str]:
    return {key: texts.tidy(typed.get(key, "")) for key in ("fa", "en")}


def _check_names(typed: Mapping[str, str], language: str) -> Errors:
    if any(texts.is_blank(typed.get(key, "")) for key in ("fa", "en")):
        return {"names": [choose(_WORDS["names"], language)]}
    if any(len(name) > LONGEST_NAME for name in typed.values()):
        return {"names": [choose(_WORDS["long"], language)]}
    return {}


def _refuse(errors: Errors) -> None:
    if errors:
        raise Invalid(errors)


_WORDS = {
    "key": (
        "یک واژهٔ کوتاه با حرف‌های کوچک لاتین بنویسید، مانند gold.",
        "Write a short word in small Latin letters, such as gold.",
    ),
    "number": (
        "شمارهٔ قرارداد را با حرف و رقم بنویسید، حداکثر ۴۰ نویسه.",
        "Write the contract's number in letters and digits, at most 40 characters.",
    ),
    "taken": ("این شماره یا کلید از آنِ دیگری است.", "This number or key is taken."),
    "contract": ("چنین قراردادی نیست.", "There is no such contract."),
    "day": (
        "نخستین روز را بنویسید، مانند ۱۴۰۵/۰۱/۰۱ یا 2026-03-21.",
        "Write the first day, such as 2026-03-21.",
    ),
    "end": ("روز پایان پیش از روز آغاز است.", "The last day is before the first one."),
    "service": ("چنین خدمتی در فهرست نیست.", "There is no such service in the catalogue."),
    "branch": ("چنین شعبه‌ای نیست.", "There is no such branch."),
    "calendar": ("چنین تقویمی نیست.", "There is no such calendar."),
    "names": ("نام را به فارسی و انگلیسی بنویسید.", "Write the name in Persian and in English."),
    "long": ("نام را به حداکثر ۲۰۰ نویسه کوتاه کنید.", "Shorten the name to 200 characters."),
}
