"""The words of messages: templates filled with what the request and its process know."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import connectors
from app import running
from app.config import Settings
from app.i18n import pick_text
from app.models import ServiceRequest, SlaClock
from app.services.sending import letters

Promises = Mapping[str, datetime | None]
"""When each promise falls due, by what it measures."""


def promised(clocks: Mapping[str, SlaClock]) -> Promises:
    """The promises that these clocks measure."""
    return {metric: clock.due_at for metric, clock in clocks.items()}


def message(
    template: str,
    request: ServiceRequest,
    variables: Mapping[str, Any],
    promises: Promises,
    *,
    language: str | None = None,
) -> connectors.Message:
    """The template in the customer's language; raises MissingVariable naming what it lacks."""
    settings = running.settings()
    chosen = language or request.language
    found = context(request, variables, promises, chosen)
    return letters.write(template, chosen, found, settings.time_zone)


def context(
    request: ServiceRequest,
    variables: Mapping[str, Any],
    promises: Promises,
    language: str,
) -> dict[str, Any]:
    """All that a letter about a request may say."""
    settings = running.settings()
    return {
        "request": facts(request, settings),
        "customer": {"name": request.contact_name},
        "organisation": settings.organisation[language],
        "vars": variables,
        "promises": promises,
    }


def escalation(
    template: str,
    request: ServiceRequest | None,
    clock: SlaClock,
    step: Mapping[str, str],
    language: str,
) -> connectors.Message:
    """What a step of a ladder tells: ``vars`` holds the promise, the step, when it is due (or
    was), the priority and where to look; raises MissingVariable naming what a template lacks."""
    settings = running.settings()
    told = {
        "request": facts(request, settings) if request else {"number": "", "subject": ""},
        "customer": {"name": request.contact_name if request else ""},
        "organisation": settings.organisation[language],
        "vars": {
            # A name in the other language says more than a key.
            "promise": pick_text(clock.names, language) or clock.metric,
            "step": pick_text(step, language),
            "due_at": clock.due_at,
            "priority": _PRIORITY[language].get(request.priority, "") if request else "",
            "url": work_url(request, clock.instance_id),
        },
        "promises": {},
    }
    return letters.write(template, language, told, settings.time_zone)


def tracking_url(request: ServiceRequest) -> str:
    """Where the customer reads and answers."""
    settings = running.settings()
    return f"{settings.public_url}/portal/track/{request.tracking_code}"


def work_url(request: ServiceRequest | None, instance_id: int | None = None) -> str:
    """Where people of the house see it: the request, or else the process."""
    settings = running.settings()
    place = f"requests/{request.number}" if request else f"runs/{instance_id}"
    return f"{settings.public_url}/{place}"


def letter(
    template: str, request: ServiceRequest, variables: Mapping[str, Any], language: str
) -> connectors.Message:
    """A letter to the customer outside of any process; raises MissingVariable naming what the
    template lacks."""
    return message(template, request, variables, {}, language=language)


_PRIORITY = {
    "fa": {"urgent": "فوری", "high": "بالا", "normal": "عادی", "low": "پایین"},
    "en": {"urgent": "urgent", "high": "high", "normal": "normal", "low": "low"},
}


def facts(request: ServiceRequest, settings: Settings) -> dict[str, Any]:
    """What a template may say about a request."""
    return {
        "number": request.number,
        "subject": request.subject,
        "description": request.description,
        "tracking_code": request.tracking_code,
        "tracking_url": tracking_url(request),
        "priority": request.priority,
        "outcome": request.outcome,
        "created_at": request.created_at,
    }


FACTS = frozenset(
    {
        "number", "subject", "description", "tracking_code", "tracking_url", "priority", "outcome",
        "created_at",
    }
)  # fmt: skip
"""The names of these."""

REPLY = "reply-of-staff"


def reply(request: ServiceRequest, body: str) -> connectors.Message:
    """A member of staff's words as a letter, with the way to answer; in the shipped frame where
    that of the organisation cannot be filled, since the words must not be lost."""
    language = request.language
    found = context(request, {"body": body}, {}, language)
    zone = running.settings().time_zone
    try:
        return letters.write(REPLY, language, found, zone)
    except connectors.BadTemplate:
        return connectors.render(REPLY, language, found, zone)
