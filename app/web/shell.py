"""What every template knows: who is here, which sections they see, theme, addresses of files."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, NamedTuple

import phonenumbers
from flask import current_app, g, request
from flask_babel import gettext as _
from markupsafe import Markup, escape

from app.access import NOBODY, Actor, may_see_task
from app.config import Settings
from app.i18n import current_instant, current_language, current_zone, pick_text, to_digits
from app.models import UserTask
from app.routes import may_enter

THEME_COOKIE = "theme"
THEMES = ("light", "dark")
HOME = "IR"
"""The country whose phone numbers are shown without its code."""


class Link(NamedTuple):
    """One entry of the navigation."""

    section: str
    endpoint: str
    icon: str
    words: str


def current_actor() -> Actor:
    """Who the request comes from, as the application found out before the handler ran."""
    actor: Actor = g.get("actor") or NOBODY
    return actor


def shell_context() -> dict[str, Any]:
    """The variables of ``base.html`` and the two shells."""
    actor = current_actor()
    return {
        "person": actor,
        "now": current_instant(),
        "today_iso": current_instant().astimezone(current_zone()).date().isoformat(),
        "theme": chosen_theme(),
        "keys_off": preference("keys") == "off",
        "organisation": organisation_name(),
        "sections": [link for link in sections() if may_enter(link.endpoint, actor)],
        "current_section": current_section(),
        "menu": [link[1:] for link in menu() if may_enter(link.endpoint, actor)],
    }


def sections() -> list[Link]:
    """The main navigation."""
    return [
        Link("inbox", "web.inbox", "inbox", _("Inbox")),
        Link("requests", "web.requests", "doc", _("Requests")),
        Link("customers", "web.customers", "people", _("Customers")),
        Link("processes", "web.processes", "flow", _("Processes")),
    ]


def menu() -> list[Link]:
    """What stands in the user's menu, for those who may."""
    return [
        Link("triage", "web.triage", "mail", _("Received messages")),
        Link("no_contact", "web.no_contact", "lock", _("Not to be contacted")),
        Link("problems", "web.problems", "search", _("Problems")),
        Link("assets", "web.assets", "doc", _("Assets")),
        Link("branches", "web.branches", "people", _("Branches")),
        Link("faults", "web.faults", "warn", _("Faults")),
        Link("unheard_calls", "web.unheard_calls", "bolt", _("Calls of partners")),
        Link("deliveries", "web.deliveries", "mail", _("Sent messages")),
        Link("outbox", "web.outbox", "upload", _("Mail outbox")),
        Link("settings", "web.settings", "clock", _("Service levels")),
        Link("mailings", "web.mailings", "mail", _("Mailings")),
        Link("channels", "web.channels", "msg", _("Channels")),
        Link("letters", "web.letters", "doc", _("Letters")),
        Link("users", "web.users", "people", _("Users and groups")),
    ]


def current_section() -> str:
    """The section of the navigation to which the page belongs."""
    name = (request.endpoint or "").removeprefix("web.")
    return SECTION_OF.get(name, name)


SECTION_OF = {
    "task": "inbox", "request_page": "requests", "request_diagram": "requests",
    "new_request": "requests", "customer": "customers", "definition": "processes",
    "customer_terms": "customers",
    "instance": "processes", "deploy": "processes", "problem": "problems",
    "inbound": "triage", "waiting_calls": "triage", "phone_call": "triage",
    "barred_address": "no_contact", "channel": "channels", "new_channel": "channels",
    "faults_alike": "faults", "doubtful": "faults", "delivery": "deliveries",
    "mailing": "mailings", "new_mailing": "mailings", "edit_mailing": "mailings",
    "unheard_call": "unheard_calls",
    "edit_letter": "letters", "save_letter": "letters", "begin_letter": "letters",
}  # fmt: skip


def organisation_name() -> str:
    """The organisation that runs this installation, in the reader's language."""
    settings: Settings = current_app.extensions["peygir.settings"]
    return pick_text(settings.organisation, current_language())


def preference(name: str) -> str | None:
    """A setting of the signed-in user."""
    preferences: dict[str, str] = getattr(g.get("user"), "preferences", None) or {}
    return preferences.get(name)


def chosen_theme() -> str | None:
    """The theme of this device, else the user's; None leaves it to the system."""
    theme = request.cookies.get(THEME_COOKIE) or preference("theme")
    return theme if theme in THEMES else None


def in_words(key: str, names: Mapping[str, Mapping[str, str]]) -> str:
    """The text under a key in the reader's language; the key itself when there is none."""
    return pick_text(names.get(key), current_language()) or key


def seconds(number: int) -> timedelta:
    """A length of time from seconds, for the filters that tell lengths."""
    return timedelta(seconds=number)


def digits(value: object) -> str:
    """A value with the digits of the reader's language, for sentences made in code."""
    return to_digits(value, current_language())


def lines(text: str) -> Markup:
    """A text with its line breaks, everything else escaped."""
    return Markup("<br>").join(escape(line) for line in text.strip().splitlines())


def phone(number: str) -> str:
    """A kept E.164 number as people of the country dial it, or as foreigners do."""
    parsed = phonenumbers.parse(number)
    at_home = phonenumbers.region_code_for_number(parsed) == HOME
    way = phonenumbers.PhoneNumberFormat
    return phonenumbers.format_number(parsed, way.NATIONAL if at_home else way.INTERNATIONAL)


def seen_by(task: UserTask, actor: Actor) -> bool:
    """The test of templates: whether the person may open the task."""
    return may_see_task(actor, task)
