"""Problems: causes behind incidents, and what is known of them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Identity, Sequence, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Model
from app.models.assets import Asset

problem_numbers = Sequence("problem_number", metadata=Model.metadata, start=1)

OPEN, KNOWN_ERROR, RESOLVED, CLOSED = "open", "known_error", "resolved", "closed"


class Problem(Model):
    """The cause, or potential cause, of one or more incidents (ISO/IEC 20000-1, 8.6.3)."""

    __tablename__ = "problem"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    number: Mapped[str] = mapped_column(String(20), unique=True)
    status: Mapped[str] = mapped_column(String(16), index=True)
    """``open``, ``known_error`` (cause or workaround is known), ``resolved`` or ``closed``."""
    titles: Mapped[dict[str, str]]
    known_error: Mapped[dict[str, str]]
    """What is known of the cause, by language; empty while nothing is."""
    workaround: Mapped[dict[str, str]]
    """What a customer can do meanwhile, by language."""
    topic: Mapped[str | None] = mapped_column(String(80), index=True)
    """The service it is about, as incidents name it."""
    asset_id: Mapped[int | None] = mapped_column(ForeignKey("asset.id"), index=True)
    created_by: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))
    """Who opened it; NULL when a process did."""
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]

    asset: Mapped[Asset | None] = relationship()


class ProblemIncident(Model):
    """An incident that a problem caused."""

    __tablename__ = "problem_incident"
    __table_args__ = (UniqueConstraint("problem_id", "request_id"),)

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    problem_id: Mapped[int] = mapped_column(ForeignKey("problem.id", ondelete="CASCADE"))
    request_id: Mapped[int] = mapped_column(
        ForeignKey("service_request.id", ondelete="CASCADE"), index=True
    )
    at: Mapped[datetime]
