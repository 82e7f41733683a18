"""Requests that belong together: one is the parent, the other its child."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Identity, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Model
from app.models.requests import ServiceRequest


class RequestLink(Model):
    """One request hangs on another one: a duplicate on the first report, a dispute on its
    complaint."""

    __tablename__ = "request_link"
    __table_args__ = (
        UniqueConstraint("parent_id", "child_id", "kind"),
        Index(
            "ix_request_link_one_original",
            "child_id",
            unique=True,
            postgresql_where=text("kind = 'duplicate'"),
        ),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    parent_id: Mapped[int] = mapped_column(ForeignKey("service_request.id", ondelete="CASCADE"))
    child_id: Mapped[int] = mapped_column(
        ForeignKey("service_request.id", ondelete="CASCADE"), index=True
    )
    kind: Mapped[str] = mapped_column(String(16))
    """``duplicate``, ``problem``, ``dispute``, ``follow_up`` or ``related``."""
    at: Mapped[datetime]
    by: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))
    """Who linked them; NULL when a process did."""

    parent: Mapped[ServiceRequest] = relationship(foreign_keys=[parent_id])
    child: Mapped[ServiceRequest] = relationship(foreign_keys=[child_id])
