"""Signals: who waits for which, and those on their way to other instances."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Identity, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Model
from app.models.processes import ProcessDefinition


class SignalSubscription(Model):
    """A signal that an instance waits for; a projection of the engine's state."""

    __tablename__ = "signal_subscription"
    __table_args__ = (
        UniqueConstraint("instance_id", "key"),
        Index("ix_signal_subscription_signal", "signal"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    instance_id: Mapped[int] = mapped_column(ForeignKey("process_instance.id"))
    key: Mapped[str] = mapped_column(String(200))
    element: Mapped[str] = mapped_column(String(200))
    called_id: Mapped[int | None]
    """The version of the called process that it belongs to; NULL for the instance's own."""
    signal: Mapped[str] = mapped_column(String(200))


class ThrownSignal(Model):
    """A signal with what travels along, kept until all who waited for it have it."""

    __tablename__ = "thrown_signal"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    signal: Mapped[str] = mapped_column(String(200))
    variables: Mapped[dict[str, Any]]
    thrown_at: Mapped[datetime]
    thrown_by: Mapped[int | None] = mapped_column(ForeignKey("process_instance.id"), index=True)
    """The instance that threw it; NULL for one from outside."""
    generation: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    """How many signals led to it, each thrown because of the one before without a pause."""
    origin: Mapped[int | None] = mapped_column(index=True)
    """The id of the first signal of those; NULL for the first itself."""
    reached: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    """How many places and starts it was sent to."""


class SignalDelivery(Model):
    """One place that waited when a signal was thrown, and has not heard it yet."""

    __tablename__ = "signal_delivery"
    __table_args__ = (UniqueConstraint("thrown_id", "instance_id", "key"),)

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    thrown_id: Mapped[int] = mapped_column(ForeignKey("thrown_signal.id"))
    instance_id: Mapped[int] = mapped_column(ForeignKey("process_instance.id"), index=True)
    key: Mapped[str] = mapped_column(String(200))
    """The key under which the place waits in its instance."""

    thrown: Mapped[ThrownSignal] = relationship()


class SignalStart(Model):
    """A process that a signal begins, and has not begun yet."""

    __tablename__ = "signal_start"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    thrown_id: Mapped[int] = mapped_column(ForeignKey("thrown_signal.id"), index=True)
    definition_id: Mapped[int] = mapped_column(ForeignKey("process_definition.id"), index=True)
    """The version that was the newest when the signal was thrown."""
    element: Mapped[str] = mapped_column(String(200))
    """The start event."""

    thrown: Mapped[ThrownSignal] = relationship()
    definition: Mapped[ProcessDefinition] = relationship()
