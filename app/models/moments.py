"""Moments at which something is to happen by itself."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Identity, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Model

_OF_START, _OF_CLOCK = text("start_id IS NOT NULL"), text("clock_id IS NOT NULL")


class DueMoment(Model):
    """A timer of a process, the next turn of a timer start, or a step of a promise's ladder.

    It belongs to exactly one of an instance, a start subscription and a clock, and is gone when
    it was done or is waited for no longer. Those of instances are projections of the engine's
    state.
    """

    __tablename__ = "due_moment"
    __table_args__ = (
        UniqueConstraint("instance_id", "key"),
        # Partial ones, so that a timer need not be entered into them.
        Index("uq_due_moment_start", "start_id", unique=True, postgresql_where=_OF_START),
        Index("uq_due_moment_clock", "clock_id", "key", unique=True, postgresql_where=_OF_CLOCK),
        Index("ix_due_moment_queued", "queued_at", postgresql_where=text("queued_at IS NOT NULL")),
        Index("ix_due_moment_waiting", "due_at", "id", postgresql_where=text("queued_at IS NULL")),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    kind: Mapped[str] = mapped_column(String(8))
    """``timer``, ``start`` or ``sla``."""
    instance_id: Mapped[int | None] = mapped_column(ForeignKey("process_instance.id"))
    """Of a timer."""
    start_id: Mapped[int | None] = mapped_column(
        ForeignKey("start_subscription.id", ondelete="CASCADE")
    )
    """Of a timer start."""
    clock_id: Mapped[int | None] = mapped_column(ForeignKey("sla_clock.id", ondelete="CASCADE"))
    """Of a step of a ladder."""
    key: Mapped[str] = mapped_column(String(200))
    """The engine's key of the timer, the start event, or the key of the ladder's step."""
    element: Mapped[str] = mapped_column(String(200), server_default="")
    """Where in the diagram, for timers and starts."""
    called_id: Mapped[int | None]
    """As of a user task."""
    due_at: Mapped[datetime]
    queued_at: Mapped[datetime | None]
    """Since when it waits for a job of its own, or for the resume of its suspended instance; NULL:
    the clock looks for it."""
