"""Letters as the organisation words them, beside those that are shipped."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Identity, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Model


class LetterVersion(Model):
    """One version of a letter; the newest is in force."""

    __tablename__ = "letter_version"
    __table_args__ = (UniqueConstraint("key", "version"),)

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    key: Mapped[str] = mapped_column(String(64))
    """What diagrams and ladders call it."""
    version: Mapped[int]
    texts: Mapped[dict[str, str]]
    """The template in each language that the organisation has worded; a language that is missing
    is as it was shipped."""
    at: Mapped[datetime]
    by: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))
    note: Mapped[str] = mapped_column(Text, default="")
    """Why it was changed, in the words of who did."""
