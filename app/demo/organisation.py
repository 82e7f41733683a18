"""The people of the demo's organisation, its branches, and all of its requests."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import datetime

from app.demo import complaints, incidents, service_requests
from app.services.accounts import api_tokens, people
from app.services.casework import agreed, search
from app.services.casework.agreed import BranchDraft, ContractDraft
from app.services.deployment import shipped


@dataclass(frozen=True)
class Person:
    """One member of the demo's staff."""

    login: str
    fa: str
    en: str
    groups: tuple[str, ...]
    roles: tuple[str, ...] = ("staff",)


STAFF = (
    Person("narges", "نرگس احمدی", "Narges Ahmadi", ("intake",)),
    Person("omid", "امید رضایی", "Omid Rezaei", ("intake",)),
    Person("sara", "سارا کریمی", "Sara Karimi", ("complaints",)),
    Person("reza", "رضا محمدی", "Reza Mohammadi", ("complaints",)),
    Person("leila", "لیلا حسینی", "Leila Hosseini", ("complaints",)),
    Person("babak", "بابک نوری", "Babak Nouri", ("quality",)),
    Person("mina", "مینا صادقی", "Mina Sadeghi", ("quality",)),
    Person("neda", "ندا فرهادی", "Neda Farhadi", ("servicedesk",)),
    Person("kian", "کیان رستمی", "Kian Rostami", ("infrastructure",)),
    Person("arash", "آرش توکلی", "Arash Tavakoli", ("applications",)),
    Person("nasim", "نسیم قربانی", "Nasim Ghorbani", ("fulfilment",)),
    Person("peyman", "پیمان زارع", "Peyman Zare", ("purchasing",)),
    Person("hossein", "حسین کامرانی", "Hossein Kamrani", ("directors",), ("staff", "manager")),
    Person("maryam", "مریم شریفی", "Maryam Sharifi", ("managers",), ("staff", "manager")),
    Person("admin", "مدیر سامانه", "Administrator", (), ("administrator",)),
)
BRANCHES = (
    BranchDraft("north", {"fa": "شعبهٔ شمال", "en": "North branch"}),
    BranchDraft("london", {"fa": "شعبهٔ لندن", "en": "London branch"}, "england"),
)
GOLD = "آرمان‌تجارت"
SIGNED = ContractDraft(
    "Q-1405-12", {"fa": "پشتیبانی طلایی", "en": "Gold support"}, level="full", starts_on=None
)
PROGRAM = "demo-integration"
PROGRAM_ROLES = ("integration", "staff", "manager", "designer")
"""Wide, so that one token is enough to try the whole API."""


def load(now: datetime, password: str | None = None) -> str | None:
    """Loads people, customers and requests into a database without people, all or nothing.

    Returns the logins as lines to show, or None when there are people already.
    """
    logins = load_people(now, password)
    if logins is not None:
        for case in complaints.cases():
            complaints.load(case, now)
        incidents.load(now)
        service_requests.load(now)
        _agree(now)
    return logins


def _agree(now: datetime) -> None:
    """Two branches, and a gold customer of one of them with a contract."""
    by = people.actor_of(people.by_login("maryam"))
    for branch in BRANCHES:
        agreed.keep_branch(branch, by, now, language="fa")
    [party] = search.find_customers(by, GOLD, limit=1).items
    agreed.place(party, "gold", "north", by, now, language="fa")
    agreed.sign(party, replace(SIGNED, starts_on=now.date()), by, now, language="fa")


def load_people(now: datetime, password: str | None = None) -> str | None:
    """Adds the demo's staff and a program with a token, unless there are people already.

    Returns the logins as lines to show; they hold the password and the token, which the
    database does not.
    """
    if people.list_users():
        return None
    password = password or secrets.token_urlsafe(9)
    for key, names in shipped.GROUPS.items():
        people.ensure_group(key, names)
    for person in STAFF:
        people.add_user(
            person.login,
            {"fa": person.fa, "en": person.en},
            now,
            roles=person.roles,
            groups=person.groups,
            password=password,
            email=f"{person.login}@example.com",
        )
    people.add_user(
        PROGRAM, {"fa": "سامانهٔ نمونه", "en": "Demo integration"}, now, roles=PROGRAM_ROLES
    )
    return _logins(password, api_tokens.issue(PROGRAM, "demo", now))


def _logins(password: str, token: str) -> str:
    lines = [f"Demo logins, all with the password {password}"]
    lines += [f"  {p.login:<10} {', '.join(p.groups) or 'administration'}" for p in STAFF]
    return "\n".join([*lines, f"API token of the demo integration: {token}", ""])
