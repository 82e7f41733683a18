"""What we send out: one row for each message, with the states of at-least-once delivery."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    ForeignKey,
    Identity,
    Index,
    Numeric,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Model


class Delivery(Model):
    """One outgoing message; its reference is the idempotency key that the partner sees."""

    __tablename__ = "delivery"
    __table_args__ = (
        UniqueConstraint("job_id", "recipient"),
        Index(
            "ix_delivery_retry", "next_attempt_at",
            postgresql_where=text("state IN ('waiting', 'unknown')"),
        ),
        Index(
            "ix_delivery_of_mailing", "mailing_id", "state", text("id DESC NULLS LAST"),
            postgresql_where=text("mailing_id IS NOT NULL"),
        ),
        Index(
            "ix_delivery_own", "state", text("id DESC NULLS LAST"),
            postgresql_where=text("mailing_id IS NULL"),
        ),
        Index("ix_delivery_address", text("lower(recipient)"), text("id DESC NULLS LAST")),
        Index(
            "ix_delivery_doubtful", text("id DESC NULLS LAST"),
            postgresql_where=text(
                "state = 'unknown' AND next_attempt_at IS NULL AND job_id IS NULL"
            ),
        ),
        Index(
            "ix_delivery_unsent", "created_at",
            postgresql_where=text("job_id IS NULL AND state IN ('queued', 'sending')"),
        ),
        Index(
            "ix_delivery_open", "channel_id", "id",
            postgresql_where=text(
                "channel_id IS NOT NULL AND state IN ('queued', 'sending', 'waiting')"
            ),
        ),
        Index(
            "ix_delivery_partner", "channel_id", "partner_id",
            postgresql_where=text("partner_id IS NOT NULL"),
        ),
        Index(
            "ix_delivery_untold", "channel_id", text("id DESC NULLS LAST"),
            postgresql_where=text("state = 'accepted' AND partner_id IS NOT NULL"),
        ),
        Index(
            "ix_delivery_channel", "channel_id", "created_at",
            postgresql_where=text("channel_id IS NOT NULL"),
        ),
        Index(
            "ix_delivery_sms", "recipient", "created_at",
            postgresql_where=text("channel = 'sms'"),
        ),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    reference: Mapped[str] = mapped_column(String(64), unique=True)
    request_id: Mapped[int | None] = mapped_column(ForeignKey("service_request.id"), index=True)
    job_id: Mapped[int | None] = mapped_column(ForeignKey("service_job.id"))
    channel: Mapped[str] = mapped_column(String(16))
    recipient: Mapped[str] = mapped_column(String(254))
    recipient_name: Mapped[str] = mapped_column(String(200))
    language: Mapped[str] = mapped_column(String(8))
    subject: Mapped[str] = mapped_column(String(300))
    body: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(16), default="queued")
    """``queued``, ``sending``, ``waiting`` (for the next attempt), ``accepted`` (the partner took
    it over), ``delivered`` (a report says so), ``failed`` (a report says it did not arrive),
    ``dead`` (given up), ``unknown`` (nobody can tell whether it was taken), ``closed`` (nobody
    could tell when a person let its process go on or end, or it did so by itself), or
    ``cancelled``: the process went on without it before it was sent."""
    attempts: Mapped[int] = mapped_column(default=0)
    next_attempt_at: Mapped[datetime | None]
    error: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    channel_id: Mapped[int | None] = mapped_column(ForeignKey("channel.id"))
    """NULL for mail by the built-in way, which is taken while there is no default channel of mail:
    the server of the settings, or the file outbox."""
    payload: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    """The inputs of a call."""
    answer: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    """What the partner answered, as the task gets it."""
    partner_id: Mapped[str | None] = mapped_column(String(200))
    cost: Mapped[Decimal | None] = mapped_column(Numeric(14, 4))
    currency: Mapped[str | None] = mapped_column(String(8))
    delivered_at: Mapped[datetime | None]
    urgent: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    """Whether it goes out though its channel keeps quiet hours."""
    not_before: Mapped[datetime | None]
    """When it may go out at the earliest, where its channel keeps quiet hours."""
    may_have_arrived: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    """Whether an attempt that failed may have reached the partner, so that a person who has it sent
    again sends it under the same reference."""
    mailing_id: Mapped[int | None] = mapped_column(ForeignKey("mailing.id"))
    readers: Mapped[str | None] = mapped_column(String(90))
    """To whom of the house it was written about its request: ``group:intake``, or ``house`` where
    no group was meant; NULL for what is written to anybody else."""
