"""What partners' systems tell us by their calls: kept once, with what became of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Identity, Index, Integer, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Model


class PartnerCall(Model):
    """One message for processes that a partner has sent; the same one sent twice is one row."""

    __tablename__ = "partner_call"
    __table_args__ = (
        UniqueConstraint("channel_id", "external_id"),
        Index(
            "ix_partner_call_listed",
            "state",
            text("id DESC NULLS LAST"),
            postgresql_where=text("state <> 'heard'"),
        ),
        Index("ix_partner_call_old", "state", "received_at"),
        Index("ix_partner_call_channel", "channel_id", text("id DESC NULLS LAST")),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    channel_id: Mapped[int] = mapped_column(ForeignKey("channel.id"))
    external_id: Mapped[str] = mapped_column(String(200))
    """The partner's id of it."""
    message: Mapped[str] = mapped_column(String(200))
    """The name of the message event."""
    correlation: Mapped[str] = mapped_column(String(200))
    data: Mapped[dict[str, Any]]
    """What the process gets."""
    state: Mapped[str] = mapped_column(String(16))
    """``heard`` (a process took it), ``waiting`` (nothing waits for it yet), ``unheard`` (nothing
    did for a day), ``dropped`` (a person let nothing come of it)."""
    attempts: Mapped[int] = mapped_column(Integer, default=1)
    received_at: Mapped[datetime]
    heard_at: Mapped[datetime | None]
    reached: Mapped[int | None] = mapped_column(Integer)
    """How many processes heard it; NULL for what was kept before that was counted."""
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))
    """Who dropped it; NULL for the terminal."""
    decided_at: Mapped[datetime | None]
    why: Mapped[str | None] = mapped_column(String(300))
    """Why it was dropped."""
