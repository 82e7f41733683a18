"""The choices that several forms offer, as pairs of value and words."""

from __future__ import annotations

from flask_babel import gettext as _

from app.i18n import current_language, pick_text
from app.services.casework import catalogue
from app.services.service_levels import fact_names

Choices = list[tuple[str, str]]


def service_choices() -> Choices:
    """Every service of the catalogue after "All"."""
    return [("", _("All")), *services()]


def services() -> Choices:
    """Every service of the catalogue."""
    language = current_language()
    items = catalogue.services().values()
    return [(item.key, pick_text(item.names, language)) for item in items]


def priority_choices() -> Choices:
    """Every priority after "All"."""
    return [
        ("", _("All")),
        ("urgent", _("Urgent")),
        ("high", _("High")),
        ("normal", _("Normal")),
        ("low", _("Low")),
    ]


def status_choices() -> Choices:
    """Every status after "All"."""
    return [("", _("All")), ("open", _("Open")), ("waiting", _("Waiting")), ("closed", _("Closed"))]


def channel_choices() -> Choices:
    """How a request that staff enter may have come."""
    return [
        ("phone", _("By phone")),
        ("letter", _("By letter")),
        ("in_person", _("In person")),
        ("email", _("By e-mail")),
    ]


def criticality_words() -> dict[str, str]:
    """How much depends on an asset."""
    return {"low": _("Low"), "medium": _("Medium"), "high": _("High")}


def problem_words() -> dict[str, str]:
    """How a problem record stands."""
    return {
        "open": _("being looked into"),
        "known_error": _("known error"),
        "resolved": _("removed"),
        "closed": _("closed"),
    }


def tier_words(tier: str) -> str:
    """A tier as people call it."""
    return fact_names.called("tier", tier, current_language())


def level_words(level: str) -> str:
    """The level of a contract as people call it."""
    return fact_names.called("contract", level, current_language())
