"""Telephone calls as a telephone system reports them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Identity, Index, Integer, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Model


class PhoneCall(Model):
    """One call; reported again under the same id it is the same call."""

    __tablename__ = "phone_call"
    __table_args__ = (
        UniqueConstraint("reported_by", "call_id"),
        Index(
            "ix_phone_call_open", text("id DESC NULLS LAST"),
            postgresql_where=text("request_id IS NULL AND decided_at IS NULL"),
        ),
        Index(
            "ix_phone_call_dismissed", text("id DESC NULLS LAST"),
            postgresql_where=text("dismissed IS NOT NULL"),
        ),
        *(
            Index(
                f"ix_phone_call_{name}", f"{name}_id",
                postgresql_where=text(f"{name}_id IS NOT NULL"),
            )
            for name in ("party", "request", "interaction")
        ),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    reported_by: Mapped[int] = mapped_column(ForeignKey("staff_user.id"))
    call_id: Mapped[str] = mapped_column(String(100))
    """The telephone system's own id."""
    direction: Mapped[str] = mapped_column(String(16))
    """``inbound`` or ``outbound``."""
    number: Mapped[str] = mapped_column(String(40))
    """The other side, in E.164 where it is a telephone number."""
    started_at: Mapped[datetime]
    seconds: Mapped[int | None] = mapped_column(Integer)
    """How long it was; NULL while nobody has said."""
    outcome: Mapped[str] = mapped_column(String(16))
    """``answered``, ``missed``, ``busy``, ``failed`` or ``voicemail``."""
    recording: Mapped[str | None] = mapped_column(String(1000))
    """Where it can be listened to."""
    party_id: Mapped[int | None] = mapped_column(ForeignKey("party.id"))
    request_id: Mapped[int | None] = mapped_column(ForeignKey("service_request.id"))
    interaction_id: Mapped[int | None] = mapped_column(ForeignKey("interaction.id"))
    reported_at: Mapped[datetime]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))
    """Who placed it on a request or dismissed it; NULL while nobody had to."""
    decided_at: Mapped[datetime | None]
    dismissed: Mapped[str | None] = mapped_column(String(300))
    """Why nothing came of it."""
