"""The channels by which we reach people and partners, and whom we must not reach."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Model


class Channel(Model):
    """One way out (and in): a kind of connector with its options, such as the SMS line."""

    __tablename__ = "channel"
    __table_args__ = (
        Index("uq_channel_default", "task_type", unique=True, postgresql_where=text("is_default")),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    key: Mapped[str] = mapped_column(String(64), unique=True)
    """What diagrams call it; it never changes."""
    kind: Mapped[str] = mapped_column(String(32))
    """The kind of connector; it never changes."""
    task_type: Mapped[str] = mapped_column(String(32))
    """The type of the service tasks that it serves; that of its kind."""
    names: Mapped[dict[str, str]]
    options: Mapped[dict[str, Any]]
    """Those of the kind's options that are no secrets."""
    secrets: Mapped[bytes | None] = mapped_column(LargeBinary)
    """The secret options, encrypted."""
    enabled: Mapped[bool] = mapped_column(default=True)
    is_default: Mapped[bool] = mapped_column(default=False)
    """Whether tasks of its type that name no channel go through this one."""
    policy: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """How it may be used: ``per_minute``, ``quiet`` with ``from`` and ``to``, ``attempts``."""
    revision: Mapped[int] = mapped_column(Integer, default=1)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class ChannelState(Model):
    """How a channel fares now: its circuit breaker and what is left of its rate."""

    __tablename__ = "channel_state"

    channel_id: Mapped[int] = mapped_column(
        ForeignKey("channel.id", ondelete="CASCADE"), primary_key=True
    )
    failures: Mapped[int] = mapped_column(Integer, default=0)
    """Failures one after the other."""
    open_until: Mapped[datetime | None]
    """Nothing is sent before; NULL while the breaker is closed."""
    tokens: Mapped[float | None]
    """How many sendings the rate allowed when it was last counted; NULL while it is full."""
    refilled_at: Mapped[datetime | None]
    looked_at: Mapped[datetime | None]
    """When a mailbox was looked into last, to the minute; NULL of one that never was."""
    token_refused_at: Mapped[datetime | None]
    """Since when the partner takes its refresh token no more; NULL while it does."""


class NoContact(Model):
    """An address that nothing is sent to."""

    __tablename__ = "no_contact"
    __table_args__ = (UniqueConstraint("kind", "address"),)

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    kind: Mapped[str] = mapped_column(String(8))
    """``email`` or ``phone``."""
    address: Mapped[str] = mapped_column(String(254))
    """A mailbox in lower case, or a number in E.164."""
    reason: Mapped[str] = mapped_column(String(16))
    """``asked``, ``opted_out``, ``bounced`` or ``staff``."""
    note: Mapped[str] = mapped_column(String(300), default="", server_default="")
    """What a member of staff wrote about it."""
    since: Mapped[datetime]
    by: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))
