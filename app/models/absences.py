"""Who is away, and who stands in."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, Identity
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Model
from app.models.people import User


class Absence(Model):
    """A time in which somebody is away and another person does their tasks."""

    __tablename__ = "absence"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    user_id: Mapped[int] = mapped_column(
        ForeignKey("staff_user.id", ondelete="CASCADE"), index=True
    )
    substitute_id: Mapped[int] = mapped_column(
        ForeignKey("staff_user.id", ondelete="CASCADE"), index=True
    )
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    """The first instant at which the person is back."""
    entered_by: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))
    created_at: Mapped[datetime]

    @property
    def last_day(self) -> datetime:
        """An instant of the last day away."""
        return self.ends_at - timedelta(seconds=1)

    substitute: Mapped[User] = relationship(foreign_keys=substitute_id)
