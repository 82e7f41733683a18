"""What the customer thought of how a request was handled: asked by its process, kept on it.

A process asks by waiting for the message ``customer_survey``; the answers of the form become its
variables (ISO 10004, 7.3). They are the customer's own: nobody answers in their place.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import forms
from app.access import Actor, may_speak_for_customer
from app.errors import Forbidden, Invalid
from app.models import ServiceRequest
from app.services import history
from app.services.casework import messages
from app.services.execution import form_data, listening

FORM = "survey"


def form() -> forms.Form:
    """The questions."""
    return form_data.find(FORM)


def is_asked(request: ServiceRequest) -> bool:
    """Whether the request's process waits for the answers now."""
    return messages.CUSTOMER_SURVEY in listening.awaited(request)


def answer(request: ServiceRequest, data: Mapping[str, Any], actor: Actor, now: datetime) -> None:
    """Give the customer's answers to the process, and keep them in the history.

    Raises Forbidden for who may not speak for the customer, Invalid with each wrong field, and
    NothingAsked when no answers are awaited (any more).
    """
    if not may_speak_for_customer(actor, request):
        raise Forbidden
    clean, errors = form_data.check(form(), data, actor.language or request.language, now)
    if errors:
        raise Invalid(errors)
    history.note("survey_answered", actor, now, request_id=request.id, data=clean)
    if not listening.deliver(messages.CUSTOMER_SURVEY, request, clean, actor, now):
        raise listening.NothingAsked
