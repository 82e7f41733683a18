"""What keeps doors safe: repeated calls answered once, and too many attempts slowed down."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Identity, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Model


class IdempotencyKey(Model):
    """The answer given to one caller's key, so that a repeated call gets the same one."""

    __tablename__ = "idempotency_key"
    __table_args__ = (UniqueConstraint("user_id", "key"),)

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("staff_user.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(200))
    fingerprint: Mapped[str] = mapped_column(String(64))
    status: Mapped[int]
    body: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = mapped_column(index=True)


class Attempt(Model):
    """One failed attempt at a guarded door, counted by scope and by who tried."""

    __tablename__ = "attempt"
    __table_args__ = (Index("ix_attempt_scope_subject_at", "scope", "subject", "at"),)

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    scope: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(254))
    at: Mapped[datetime]


class Submission(Model):
    """A page that a customer sent, so that sending it again finds the same request."""

    __tablename__ = "submission"

    mark: Mapped[str] = mapped_column(String(64), primary_key=True)
    """The SHA-256 of the page's ticket and its answers."""
    tracking_code: Mapped[str] = mapped_column(String(32))
    created_at: Mapped[datetime] = mapped_column(index=True)
