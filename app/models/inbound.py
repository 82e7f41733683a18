"""What comes in by channels: kept once, as it came, with what became of it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Identity, Index, Integer, LargeBinary, String, Text, text
from sqlalchemy.orm import Mapped, column_property, mapped_column

from app.db import Model

JOINED, OPENED, TRIAGE, QUARANTINED = "joined", "opened", "triage", "quarantined"
BOUNCE, AUTOMATIC, DROPPED = "bounce", "automatic", "dropped"
NEW = (OPENED, TRIAGE)
"""The states of what belonged to nothing when it came."""


class InboundMessage(Model):
    """One message of somebody outside. The same one fetched twice is one row."""

    __tablename__ = "inbound_message"
    __table_args__ = (
        Index("uq_inbound_message_external", "channel_id", "external_id", unique=True),
        Index(
            "uq_inbound_message_same", "message_id", "digest", unique=True,
            postgresql_where=text("message_id IS NOT NULL"),
        ),
        Index("ix_inbound_message_sender", "sender", "received_at"),
        Index("ix_inbound_message_of_state", "state", text("id DESC NULLS LAST")),
        Index(
            "ix_inbound_message_new", "channel_id", "received_at",
            postgresql_where=text(f"state IN {NEW}"),
        ),
        Index(
            "ix_inbound_message_raw", "state", "received_at",
            postgresql_where=text("raw IS NOT NULL"),
        ),
        *(
            Index(
                f"ix_inbound_message_{name}", name, postgresql_where=text(f"{name} IS NOT NULL")
            )
            for name in ("request_id", "interaction_id", "delivery_id")
        ),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    channel_id: Mapped[int] = mapped_column(ForeignKey("channel.id"))
    external_id: Mapped[str] = mapped_column(String(200))
    """The partner's id; of a mail its UIDVALIDITY and UID with a dot between."""
    medium: Mapped[str] = mapped_column(String(16))
    """``email`` or ``sms``: the channel of the interaction it becomes."""
    message_id: Mapped[str | None] = mapped_column(String(250))
    digest: Mapped[str] = mapped_column(String(64))
    """SHA-256 of what was written, whatever servers have put before it on its way."""
    sender: Mapped[str] = mapped_column(String(254))
    """A mailbox in lower case or a number in E.164; empty when it names none."""
    sender_name: Mapped[str] = mapped_column(String(200))
    recipient: Mapped[str] = mapped_column(String(254))
    subject: Mapped[str] = mapped_column(String(300))
    body: Mapped[str] = mapped_column(Text)
    """What is said anew."""
    whole: Mapped[str | None] = mapped_column(Text)
    """The whole text, where some of it was folded away."""
    html: Mapped[str | None] = mapped_column(Text, deferred=True)
    """Cleaned, but naming remote images; it is cleaned again before it is shown."""
    raw: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    """As it came; only the headers of one that was too large."""
    raw_gone_at: Mapped[datetime | None]
    """When its raw bytes were removed because they were old; NULL while they are kept."""
    proof: Mapped[str] = mapped_column(String(8), default="", server_default="")
    """What our mail server says of the sender's address, see ``connectors/mail_proof.py``:
    ``pass``, ``fail`` or ``none``; empty where it is not asked."""
    files: Mapped[int] = mapped_column(Integer, default=0)
    received_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    """By the sender's own clock."""
    state: Mapped[str] = mapped_column(String(16))
    """``joined``, ``opened``, ``triage``, ``quarantined``, ``bounce``, ``automatic`` or
    ``dropped``."""
    why: Mapped[str] = mapped_column(String(300))
    """A word or two that tell why it is in this state, see ``app/web/inbound_words.py``."""
    request_id: Mapped[int | None] = mapped_column(ForeignKey("service_request.id"))
    interaction_id: Mapped[int | None] = mapped_column(ForeignKey("interaction.id"))
    delivery_id: Mapped[int | None] = mapped_column(ForeignKey("delivery.id"))
    """The letter of ours that came back or was answered."""
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))
    """Who joined, opened, released or dropped it; NULL while nobody had to."""
    decided_at: Mapped[datetime | None]

    has_html: Mapped[bool] = column_property(html.is_not(None))
