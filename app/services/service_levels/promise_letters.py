"""What a step of a ladder writes: to people of the house, and in other words to the customer."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import connectors
import sla
from app.errors import Conflict
from app.models import Delivery, Interaction, ServiceRequest, SlaClock
from app.saving import append
from app.services.casework import messages
from app.services.sending import customer_ways, staff_ways, wording
from app.services.service_levels import promises, sla_settings

FOR_CUSTOMERS = "promise-customer-"
"""How the letters begin that are written in the customer's words."""
SOON, LATE = f"{FOR_CUSTOMERS}soon", f"{FOR_CUSTOMERS}late"


class CannotWrite(Conflict):
    """The message cannot be written: {why}."""

    fa = "پیام نوشته نشد: {why}."


def to_user(
    reader: staff_ways.Reader,
    request: ServiceRequest | None,
    clock: SlaClock,
    step: sla.LadderStep,
    template: str,
    now: datetime,
) -> Delivery | None:
    """The letter to somebody of the house; None for who cannot be reached. Raises CannotWrite."""
    language = staff_ways.language_of(reader.user)
    if template.startswith(FOR_CUSTOMERS) and request is not None:
        message = _for_customer(request, clock, template, now, language)
    else:
        message = _rendered(wording.escalation, template, request, clock, step.names, language)
    link = wording.work_url(request, clock.instance_id)
    request_id = request.id if request else None
    return staff_ways.compose(reader, message, link, now, request_id=request_id)


def to_customer(
    request: ServiceRequest, clock: SlaClock, template: str, now: datetime
) -> Delivery | None:
    """The letter to who asked, which they also read on the tracking page; None where nothing
    goes out, since they gave neither address nor number, or must not be written to. A letter for
    people of the house is put into a customer's words: that the promise will be kept, or that it
    is late. Raises CannotWrite."""
    if not template.startswith(FOR_CUSTOMERS):
        template = LATE if _is_late(clock, now) else SOON
    message = _for_customer(request, clock, template, now, request.language)
    append(Interaction, [messages.system_words(request, message.subject, message.body, None, now)])
    return customer_ways.offer(request, message, now)


def _is_late(clock: SlaClock, now: datetime) -> bool:
    return clock.broken_at is not None or (clock.due_at is not None and clock.due_at <= now)


def _for_customer(
    request: ServiceRequest, clock: SlaClock, template: str, now: datetime, language: str
) -> connectors.Message:
    expected = _expected(request, clock, now)
    names = _names(clock) or {language: request.subject}
    facts: dict[str, Any] = {
        "promise": names.get(language) or request.subject,
        "due_at": clock.due_at,
        "next_promise": expected.customer_names.get(language, "") if expected else "",
        "next_due": expected.due_at if expected else None,
    }
    return _rendered(wording.letter, template, request, facts, language)


def _names(clock: SlaClock) -> dict[str, str]:
    """The promise in the customer's words; nothing for the clock of a task."""
    if not clock.policy:
        return {}
    policy = sla_settings.policy(f"{clock.policy}@{clock.policy_version}")
    metric = policy.metrics.get(clock.metric)
    return dict(metric.customer_names) if metric else {}


def _expected(request: ServiceRequest, clock: SlaClock, now: datetime) -> promises.Promise | None:
    """What the customer may expect next in place of a promise that is late."""
    coming = [
        one
        for one in promises.of_request(request, now)
        if one.metric != clock.metric and one.state in ("on_track", "at_risk")
    ]
    return promises.next_of(coming)


def _rendered(write: Any, template: str, *facts: Any) -> connectors.Message:
    try:
        message: connectors.Message = write(template, *facts)
    except (connectors.BadTemplate, connectors.UnknownTemplate) as error:
        raise CannotWrite(why=str(error)) from error
    return message
