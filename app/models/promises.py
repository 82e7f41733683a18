"""Promises: one clock for each metric of a request's policy, kept as a ledger."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Identity, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Model

_OF_TASK, _OF_REQUEST = text("task_key IS NOT NULL"), text("task_key IS NULL")
_IS_OPEN = text("state <> 'stopped'")


class SlaClock(Model):
    """One promise and its ledger of intervals; the other columns follow from the ledger.

    It belongs to a request, or to one user task of an instance.
    """

    __tablename__ = "sla_clock"
    __table_args__ = (
        Index(
            "uq_sla_clock_request", "request_id", "metric", "cycle", unique=True,
            postgresql_where=_OF_REQUEST,
        ),
        Index(
            "uq_sla_clock_task", "instance_id", "task_key", unique=True, postgresql_where=_OF_TASK
        ),
        Index("ix_sla_clock_request_id", "request_id"),
        Index("ix_sla_clock_open", "request_id", "id", postgresql_where=_IS_OPEN),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    request_id: Mapped[int | None] = mapped_column(ForeignKey("service_request.id"))
    instance_id: Mapped[int | None] = mapped_column(ForeignKey("process_instance.id"))
    """Of the clock of a task; NULL for a request's own."""
    task_key: Mapped[str | None] = mapped_column(String(80))
    """The engine's key of the user task; NULL for a request's own clock."""
    policy: Mapped[str] = mapped_column(String(80))
    """Empty for the clock of a task, whose promise stands in the diagram."""
    policy_version: Mapped[int] = mapped_column(default=1, server_default="1")
    metric: Mapped[str] = mapped_column(String(200))
    """The element's id for the clock of a task."""
    cycle: Mapped[int] = mapped_column(default=1, server_default="1")
    """Which turn of a promise that repeats, or that began anew when the request was reopened."""
    names: Mapped[dict[str, str]]
    calendar: Mapped[str] = mapped_column(String(96))
    """The calendar by which it counts now, ``iran@3``."""
    target_seconds: Mapped[int]
    """Working time promised, in seconds."""
    rule: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    """Why that much is promised: ``when`` the facts of the rule, ``over`` those that it beats."""
    ladder: Mapped[str | None] = mapped_column(String(96))
    """The escalation ladder in its version, ``complaint@2``."""
    done: Mapped[dict[str, str]] = mapped_column(default=dict, server_default="{}")
    """The steps that were done, and for which due instant the last time."""
    next_step: Mapped[str | None] = mapped_column(String(80))
    next_step_at: Mapped[datetime | None]
    """The step of the ladder that waits as a due moment."""
    ledger: Mapped[list[Any]]
    state: Mapped[str] = mapped_column(String(16))
    """``running``, ``paused`` or ``stopped``."""
    due_at: Mapped[datetime | None]
    risk_at: Mapped[datetime | None]
    stopped_at: Mapped[datetime | None]
    broken_at: Mapped[datetime | None]
    """When the broken promise was noted in the history, so that it is noted once."""


class SlaStep(Model):
    """A step of a ladder that was done for a clock and a due instant: never twice for both."""

    __tablename__ = "sla_step"
    __table_args__ = (UniqueConstraint("clock_id", "step", "due_at"),)

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    clock_id: Mapped[int] = mapped_column(ForeignKey("sla_clock.id", ondelete="CASCADE"))
    step: Mapped[str] = mapped_column(String(80))
    due_at: Mapped[datetime]
    done_at: Mapped[datetime]


class SlaSetting(Model):
    """One version of a calendar, a policy or a ladder; kept for ever, since ledgers name it."""

    __tablename__ = "sla_setting"
    __table_args__ = (UniqueConstraint("kind", "key", "version"),)

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    kind: Mapped[str] = mapped_column(String(8))
    """``calendar``, ``policy`` or ``ladder``."""
    key: Mapped[str] = mapped_column(String(80))
    version: Mapped[int]
    source: Mapped[str] = mapped_column(Text)
    """The file as it was written, TOML."""
    sha256: Mapped[str] = mapped_column(String(64))
    shipped: Mapped[bool] = mapped_column(default=False)
    """Whether it came with a release of Peygir, and not from the organisation itself."""
    at: Mapped[datetime]
    by: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))
    note: Mapped[str] = mapped_column(Text, default="")
    """Why it was changed, in the administrator's words."""
