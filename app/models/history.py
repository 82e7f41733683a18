"""The past: append-only events, one for each thing that happened."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Identity, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Model

TREND = "trend_found"
"""The kind of the event that so many requests alike have come; few, and asked for by it alone."""

CHANNEL = "channel_changed"
"""The kind of the event that a channel was changed; its ``element`` is the channel's key."""

AGREED = "terms_agreed"
"""The kind of the event that something was agreed with a customer, or a branch was changed; its
``element`` is ``customer:12`` or ``branch:north``."""

CONTACTS = ("contact_barred", "contact_allowed")
"""The kinds of the events that an address is not to be written to, or may be again; their
``element`` is ``email:sara@example.org`` or ``phone:+989120000000``."""

MAILING = "mailing_acted"
"""The kind of the event that somebody did something with a mailing; its ``element`` is the number
of the mailing, and ``act`` says what was done."""

SUBJECT = "strpos(element, ':') > 0"
"""Which events are about something that has no page of its own past, or not yet a request; their
``element`` is ``message:12``, ``call:12``, ``partner_call:12``, ``delivery:12`` or ``user:sara``.
No element of a diagram has a colon."""


class Event(Model):
    """Who did what, when, where in the process; never changed and never deleted."""

    __tablename__ = "event"
    __table_args__ = (
        Index("ix_event_request", "request_id", "id"),
        Index("ix_event_instance", "instance_id", "id"),
        Index("ix_event_trend", "at", postgresql_where=text(f"kind = '{TREND}'")),
        Index("ix_event_channel", "element", postgresql_where=text(f"kind = '{CHANNEL}'")),
        Index("ix_event_agreed", "element", postgresql_where=text(f"kind = '{AGREED}'")),
        Index("ix_event_contact", "element", postgresql_where=text(f"kind IN {CONTACTS}")),
        Index("ix_event_mailing", "element", postgresql_where=text(f"kind = '{MAILING}'")),
        Index("ix_event_subject", "element", "id", postgresql_where=text(SUBJECT)),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(40))
    request_id: Mapped[int | None] = mapped_column(ForeignKey("service_request.id"))
    instance_id: Mapped[int | None] = mapped_column(ForeignKey("process_instance.id"))
    element: Mapped[str | None] = mapped_column(String(200))
    actor_kind: Mapped[str] = mapped_column(String(16))
    """``user``, ``customer`` or ``system``."""
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))
    actor_names: Mapped[dict[str, str]]
    data: Mapped[dict[str, Any]]
