"""Customers: persons and organisations, and how to reach them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ForeignKey, Identity, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Model


@dataclass(frozen=True)
class Contact:
    """How a customer presents themselves; at least one of phone and e-mail is wanted."""

    name: str
    phone: str | None = None
    email: str | None = None


class Party(Model):
    """A person or an organisation that asks for service."""

    __tablename__ = "party"
    __table_args__ = (
        Index(
            "ix_party_branch_key", "branch_key",
            postgresql_where=text("branch_key IS NOT NULL"),
        ),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16), default="person")
    """``person`` or ``organisation``."""
    name: Mapped[str] = mapped_column(String(200), index=True)
    language: Mapped[str] = mapped_column(String(8))
    tier: Mapped[str] = mapped_column(String(40), default="standard")
    branch_key: Mapped[str | None] = mapped_column(ForeignKey("branch.key"))
    """The branch that serves the customer; NULL: none in particular."""
    created_at: Mapped[datetime]

    contact_points: Mapped[list[ContactPoint]] = relationship(
        back_populates="party", order_by="ContactPoint.id"
    )

    def reach(self, kind: str) -> str | None:
        """The first address of that kind (``phone``, ``email``), or nothing."""
        return next((point.value for point in self.contact_points if point.kind == kind), None)


class ContactPoint(Model):
    """One address of a party: a phone number in E.164 or an e-mail address in lower case."""

    __tablename__ = "contact_point"
    __table_args__ = (Index("ix_contact_point_kind_value", "kind", "value"),)

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    party_id: Mapped[int] = mapped_column(ForeignKey("party.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    value: Mapped[str] = mapped_column(String(254))

    party: Mapped[Party] = relationship(back_populates="contact_points")
