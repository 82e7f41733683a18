"""What people call tiers of customers and levels of contracts, by the policies in force."""

from __future__ import annotations

from collections.abc import Mapping

from app.i18n import pick_text
from app.services.service_levels import sla_settings

Texts = Mapping[str, str]
STANDARD: Mapping[str, Texts] = {"tier:standard": {"en": "Standard", "fa": "عادی"}}
"""The tier of a customer of whom nothing else is known, unless a policy calls it otherwise."""


def of_policies() -> Mapping[str, Texts]:
    """By ``tier:gold`` and ``contract:premium``; where policies differ, the last one by its key."""
    found: dict[str, Texts] = dict(STANDARD)
    for key in sorted(sla_settings.keys("policy")):
        found |= sla_settings.policy(key).fact_names
    return found


def called(fact: str, value: str, language: str) -> str:
    """A tier or a level in words, else as it is written."""
    return pick_text(of_policies().get(f"{fact}:{value}"), language) or value
