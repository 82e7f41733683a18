"""Staff: users, their groups, and the tokens that programs use in their place."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Identity, String, Text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Model


class Group(Model):
    """A candidate group, as the lanes and assignment definitions of diagrams name it."""

    __tablename__ = "staff_group"

    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    names: Mapped[dict[str, str]]


class Membership(Model):
    """One user's place in one group."""

    __tablename__ = "membership"

    user_id: Mapped[int] = mapped_column(
        ForeignKey("staff_user.id", ondelete="CASCADE"), primary_key=True
    )
    group_key: Mapped[str] = mapped_column(
        ForeignKey("staff_group.key", ondelete="CASCADE"), primary_key=True, index=True
    )


class User(Model):
    """A member of staff, or a program that calls the API in its own name."""

    __tablename__ = "staff_user"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    login: Mapped[str] = mapped_column(String(80), unique=True)
    names: Mapped[dict[str, str]]
    email: Mapped[str | None] = mapped_column(String(254))
    phone: Mapped[str | None] = mapped_column(String(20))
    """A mobile number in E.164, for who reads no mail."""
    password_hash: Mapped[str | None] = mapped_column(Text)
    roles: Mapped[list[str]] = mapped_column(ARRAY(String(40)))
    """Of ``staff``, ``manager``, ``designer``, ``administrator``, ``integration``."""
    language: Mapped[str | None] = mapped_column(String(8))
    preferences: Mapped[dict[str, str]] = mapped_column(default=dict)
    is_active: Mapped[bool] = mapped_column(default=True)
    session_epoch: Mapped[int] = mapped_column(default=0)
    """Raised to end every signed-in session of this user at once."""
    created_at: Mapped[datetime]

    groups: Mapped[list[Group]] = relationship(secondary="membership", order_by=Group.key)

    # No column: what the absences of others add, found out where a person comes in.
    stands_in = frozenset[str]()


class ApiToken(Model):
    """A bearer token, kept only as its SHA-256; the token itself is shown once."""

    __tablename__ = "api_token"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    user_id: Mapped[int] = mapped_column(
        ForeignKey("staff_user.id", ondelete="CASCADE"), index=True
    )
    name: Mapped[str] = mapped_column(String(80))
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]

    user: Mapped[User] = relationship()
