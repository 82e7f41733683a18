"""What one request tells those that hang on it: its processes' messages, its customers' letters.

Each is a job of its own, put into the queue with the step that says it. So no step ever holds
two instances that may wait for each other, and each is told once, whatever dies meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from app import jobs
from app.access import SYSTEM
from app.db import session
from app.models import Interaction, ServiceRequest
from app.saving import append
from app.services import history
from app.services.casework import messages
from app.services.execution import listening
from app.services.sending import customer_ways, deliveries, wording
from app.services.service_levels import promises


def send(requests: Iterable[int], message: str, data: Mapping[str, Any]) -> int:
    """Let the processes of these requests hear a message; how many requests."""
    return _defer(jobs.TELL_PROCESS, requests, message=message, data=dict(data))


def tell(requests: Iterable[int], template: str, variables: Mapping[str, Any]) -> int:
    """Write to the customers of these requests, each in their own language; how many."""
    return _defer(jobs.TELL_CUSTOMER, requests, template=template, variables=dict(variables))


def _defer(task: str, requests: Iterable[int], **arguments: Any) -> int:
    orders = [jobs.Order(task, {"request_id": one, **arguments}) for one in requests]
    jobs.defer_all(orders)
    return len(orders)


def deliver(request_id: int, message: str, data: Mapping[str, Any], now: datetime) -> bool:
    """Give the message to the processes of this request; False when none waits for it."""
    request = session().get_one(ServiceRequest, request_id)
    return listening.deliver(message, request, data, SYSTEM, now)


def write(request_id: int, template: str, variables: Mapping[str, Any], now: datetime) -> None:
    """Say it on the tracking page and by mail; nothing to a customer whose request is closed."""
    request = session().get_one(ServiceRequest, request_id)
    if not request.is_open:
        return
    due = wording.promised(promises.clocks_of(request.id))
    message = wording.message(template, request, variables, due)
    said = messages.system_words(request, message.subject, message.body, None, now)
    append(Interaction, [said])
    promises.happened(request, {"told:customer"}, now)
    history.note("message_sent", SYSTEM, now, request_id=request.id, data={"template": template})
    delivery = customer_ways.offer(request, message, now)
    if delivery is not None:
        deliveries.keep([delivery])
        jobs.defer(jobs.SEND_DELIVERY, delivery_id=delivery.id)
