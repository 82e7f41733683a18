"""On whose terms a request is served: contracts and branches."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Date, ForeignKey, Identity, String
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Model


class Contract(Model):
    """What was agreed with a customer: a level of service for some services, for a time."""

    __tablename__ = "contract"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    party_id: Mapped[int] = mapped_column(ForeignKey("party.id"), index=True)
    number: Mapped[str] = mapped_column(String(40), unique=True)
    names: Mapped[dict[str, str]]
    level: Mapped[str] = mapped_column(String(40))
    """What policies ask for as the fact ``contract``."""
    services: Mapped[list[str]] = mapped_column(ARRAY(String(80)))
    """The keys of the services it is about; none: all of them."""
    starts_on: Mapped[date] = mapped_column(Date)
    ends_on: Mapped[date | None] = mapped_column(Date)
    """The last day on which it is in force; NULL: without an end."""


class Branch(Model):
    """A place from which customers are served, perhaps with working hours of its own."""

    __tablename__ = "branch"

    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    names: Mapped[dict[str, str]]
    calendar: Mapped[str | None] = mapped_column(String(80))
    """The key of its calendar; NULL: that of the policy."""
