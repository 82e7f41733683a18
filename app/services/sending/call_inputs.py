"""What a service task gives to its channel: the inputs of the kind, checked and bounded."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import bpmn
import connectors
from app.errors import NoSuch
from app.models import ServiceJob
from app.services import job_types
from app.services.sending import channels, no_contact
from app.services.sending.channels import Way
from connectors import registry
from connectors.contract import Connector
from connectors.phones import read_phone

MOST = 256 * 1024
"""Bytes of JSON that the inputs of one task may have, and as many its result."""
NO_CHANNEL, TOO_LARGE = "no_channel", "too_large"
WORDS = ("to", "subject", "body")
"""The inputs that have columns of their own."""


def way_of(job: ServiceJob) -> Way | None:
    """The channel by which a task goes out: that of its header, else the default one of its type.

    None for mail by the built-in way. Raises Refused (``no_channel``).
    """
    named = str(job.headers.get("channel") or "").strip()
    if named:
        return _named(named, job)
    way = channels.default_of(job.type)
    if way is None and job.type != "email":
        en = f"There is no default channel for tasks of the type “{job.type}”."
        fa = f"برای کارهایی از نوع «{job.type}» کانال پیش‌فرضی نیست."
        raise job_types.Refused(NO_CHANNEL, en, fa)
    return way


def _named(key: str, job: ServiceJob) -> Way:
    try:
        way = channels.find(key)
    except NoSuch as error:
        raise job_types.Refused(NO_CHANNEL, error.message("en"), error.message("fa")) from None
    if way.task_type != job.type:
        en = f"The channel “{key}” is for tasks of the type “{way.task_type}”, not “{job.type}”."
        fa = f"کانال «{key}» برای کارهایی از نوع «{way.task_type}» است، نه «{job.type}»."
        raise job_types.Refused(NO_CHANNEL, en, fa)
    return way


def kind_of(way: Way) -> Connector:
    """The kind of a channel; raises Refused (``no_channel``) when it is not installed."""
    found = registry.find(way.kind)
    if found is None:
        en = f"The kind of connector “{way.kind}” of the channel “{way.key}” is not installed."
        fa = f"گونهٔ رابط «{way.kind}» که کانال «{way.key}» دارد نصب نیست."
        raise job_types.Refused(NO_CHANNEL, en, fa)
    return found


def read(kind: Connector, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Of what the task sees, the inputs of its kind; raises Refused (``input``, ``too_large``)."""
    found: dict[str, Any] = {}
    for one in kind.inputs:
        value = inputs.get(one.name)
        if value in (None, "") and one.default is not None:
            value = one.default
        if value is not None:
            found[one.name] = value
        elif one.required:
            raise missing(one.name)
    if len(json.dumps(found, default=str).encode()) > MOST:
        en = f"The inputs of the task have more than {MOST // 1024} kB."
        fa = f"ورودی‌های کار بیش از {MOST // 1024} کیلوبایت است."
        raise job_types.Refused(TOO_LARGE, en, fa)
    return found


def missing(name: str) -> job_types.Refused:
    """The refusal of a task to which nothing gives this input."""
    en = f"The input “{name}” of the task is missing."
    return job_types.Refused(job_types.INPUT, en, f"ورودی «{name}» کار داده نشده است.")


def writes(kind: Connector) -> bool:
    """Whether tasks of this kind write to somebody; else they call a system."""
    return "send" in kind.abilities and any(one.name == "to" for one in kind.inputs)


def address_of(kind: Connector, found: Mapping[str, Any]) -> str | None:
    """Whom the task writes to, in the form in which addresses are kept; None for a call.

    Raises ``connectors.BadAddress`` and DoNotContact.
    """
    if not writes(kind):
        return None
    written = text_of(found, "to").strip()
    to = _address(kind, written)
    contact = no_contact.KIND_OF.get(kind.task_type)
    if contact is not None:
        no_contact.check(contact, to)
    return to


def _address(kind: Connector, written: str) -> str:
    if kind.task_type == "email":
        connectors.address(written)
        return written
    # What is no number is refused by the kind itself, with the code that its template names.
    found = read_phone(written) if kind.task_type == "sms" else None
    return found or written[:254]


def text_of(found: Mapping[str, Any], name: str) -> str:
    """A text as it is, a number or truth as FEEL writes it, nothing for null; raises Refused
    (``input``) for a list or a context."""
    value = found.get(name)
    if isinstance(value, Mapping | list | tuple):
        en = f"The input “{name}” must be a text, not a list or a context."
        fa = f"ورودی «{name}» باید متن باشد، نه فهرست یا مجموعهٔ نام‌ومقدار."
        raise job_types.Refused(job_types.INPUT, en, fa)
    return "" if value is None else bpmn.feel.text(bpmn.feel.from_json(value))
