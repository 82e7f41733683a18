"""What services are made of and what customers hold: the register of assets."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Identity, Sequence, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Model
from app.models.parties import Party

asset_numbers = Sequence("asset_number", metadata=Model.metadata, start=1)


class Asset(Model):
    """A device, a line or a program that a service depends on (ISO/IEC 20000-1, 8.2.5)."""

    __tablename__ = "asset"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    number: Mapped[str] = mapped_column(String(20), unique=True)
    names: Mapped[dict[str, str]]
    service: Mapped[str] = mapped_column(String(80), index=True)
    """What depends on it, in the words of the incident's form: ``network``, ``email`` ..."""
    criticality: Mapped[str] = mapped_column(String(16))
    """``low``, ``medium`` or ``high``: how much stands still without it."""
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("party.id"), index=True)
    """Whose it is; NULL: the organisation's own."""
    created_at: Mapped[datetime]

    owner: Mapped[Party | None] = relationship()
