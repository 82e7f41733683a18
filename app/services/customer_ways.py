"""By which way a letter of a process reaches the customer: by e-mail, else by text message.

The header ``by`` of a task says ``email``, ``sms`` or ``any``, which is what holds without it:
mail where the request has an address, else a text message where it has a number and there is a
default channel for such.
"""

from __future__ import annotations

import secrets
from datetime import datetime

import connectors
from app.models import Delivery, ServiceJob, ServiceRequest
from app.services import channels, deliveries, no_contact
from app.services.channels import Way

EMAIL, SMS, ANY = "email", "sms", "any"


def compose(
    request: ServiceRequest, job: ServiceJob, message: connectors.Message, now: datetime
) -> Delivery | None:
    """The row of the mail or text message to who asked; nothing when neither can reach them.

    Raises DoNotContact.
    """
    by = str(job.headers.get("by") or ANY)
    address, name = request.contact_email, request.contact_name
    if by != SMS and address is not None:
        no_contact.check("email", address)
        facts = {"request_id": request.id, "job_id": job.id}
        return deliveries.compose(address, name, request.language, message, now, **facts)
    way = channels.default_of(SMS) if by != EMAIL and request.contact_phone else None
    return _compose_text(request, job, way, message, now) if way else None


def _compose_text(
    request: ServiceRequest, job: ServiceJob, way: Way, message: connectors.Message, now: datetime
) -> Delivery:
    number = str(request.contact_phone)
    no_contact.check("phone", number)
    return Delivery(
        reference=secrets.token_hex(12),
        request_id=request.id,
        job_id=job.id,
        channel=SMS,
        channel_id=way.id,
        recipient=number,
        recipient_name=request.contact_name,
        language=request.language,
        subject=message.subject[:300],
        body=message.body.strip(),
        payload={},
        state=deliveries.QUEUED,
        attempts=0,
        created_at=now,
    )
