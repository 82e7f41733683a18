"""Opening a closed request again, where its process allows it."""

from __future__ import annotations

from datetime import datetime

import sla
from app.access import STAFF, Actor, may_speak_for_customer
from app.errors import Conflict, Forbidden
from app.models import ServiceRequest
from app.services import history
from app.services.casework import holding
from app.services.execution import listening
from app.services.service_levels import promises

REOPEN = "reopen"
"""The message that a process awaits which can be gone on with after the end of the request."""


class RequestOpen(Conflict):
    """This request is open already; nothing was changed."""

    fa = "این درخواست هم‌اکنون باز است؛ چیزی تغییر نکرد."


class CannotReopen(Conflict):
    """This request cannot be reopened: its process has ended. Submit a new request instead."""

    fa = "فرایند این درخواست پایان یافته است و دوباره گشوده نمی‌شود؛ درخواست تازه‌ای بفرستید."


def reopen(request: ServiceRequest, actor: Actor, now: datetime, reason: str) -> None:
    """Open a closed request again: its process hears the message ``reopen``, its clocks go on,
    begin anew or stay as they are, as their policy says.

    Staff and the customer may. Raises Forbidden, RequestOpen when it is open, and CannotReopen
    when no process of the request awaits that message.
    """
    if not (actor.has(STAFF) or may_speak_for_customer(actor, request)):
        raise Forbidden
    holding.hold(request)
    if request.is_open:
        raise RequestOpen
    request.reopen()
    told = {"reason": reason.strip()}
    history.note("request_reopened", actor, now, request_id=request.id, data=told)
    promises.happened(request, {sla.REOPENED, "status:open"}, now)
    if not listening.deliver(REOPEN, request, {"reason": reason.strip()}, actor, now):
        raise CannotReopen
    request.updated_at = now
