"""Parts of long text messages: those that wait for the others, and lately joined ones."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Identity, Index, Integer, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Model


class InboundPart(Model):
    """One part, as its bytes; joined, it stays for a day, so that its copies are known."""

    __tablename__ = "inbound_part"
    __table_args__ = (
        Index(
            "uq_inbound_part", "channel_id", "sender", "recipient", "reference", "total", "number",
            unique=True,
        ),
        Index("ix_inbound_part_received", "received_at"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    channel_id: Mapped[int] = mapped_column(ForeignKey("channel.id"))
    sender: Mapped[str] = mapped_column(String(40))
    recipient: Mapped[str] = mapped_column(String(40))
    reference: Mapped[int] = mapped_column(Integer)
    """The sender's own number of the message; there are only 256, so it comes again."""
    total: Mapped[int] = mapped_column(Integer)
    number: Mapped[int] = mapped_column(Integer)
    """From 1."""
    coding: Mapped[int] = mapped_column(Integer)
    """The data coding of SMPP."""
    content: Mapped[bytes] = mapped_column(LargeBinary)
    received_at: Mapped[datetime]
    taken_at: Mapped[datetime | None]
    """When its message was taken; NULL while it waits for the other parts."""
