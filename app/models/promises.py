"""Promises: one clock for each metric of a request's policy, kept as a ledger."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Identity, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Model


class SlaClock(Model):
    """One promise and its ledger of intervals; the other columns follow from the ledger."""

    __tablename__ = "sla_clock"
    __table_args__ = (
        UniqueConstraint("request_id", "metric"),
        Index("ix_sla_clock_due", "due_at", postgresql_where=text("state = 'running'")),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("service_request.id"))
    policy: Mapped[str] = mapped_column(String(80))
    metric: Mapped[str] = mapped_column(String(80))
    names: Mapped[dict[str, str]]
    calendar: Mapped[str] = mapped_column(String(80))
    target_seconds: Mapped[int]
    """Working time promised, in seconds."""
    ledger: Mapped[list[Any]]
    state: Mapped[str] = mapped_column(String(16))
    """``running``, ``paused`` or ``stopped``."""
    due_at: Mapped[datetime | None]
    risk_at: Mapped[datetime | None]
    stopped_at: Mapped[datetime | None]
    broken_at: Mapped[datetime | None]
    """When the broken promise was noted in the history, so that it is noted once."""
