"""Mailings: one text sent to many customers, and what became of it at each of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Identity, Index, Integer, String, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Model


class Mailing(Model):
    """A text for a group of customers, sent at once or at an instant, so many a minute."""

    __tablename__ = "mailing"
    __table_args__ = (
        Index("ix_mailing_next", "next_at", postgresql_where=text("next_at IS NOT NULL")),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    title: Mapped[str] = mapped_column(String(200))
    """What staff call it; customers never see it."""
    medium: Mapped[str] = mapped_column(String(16))
    """``email`` or ``sms``: the type of the channel, which says what kind of address is meant."""
    channel_id: Mapped[int | None] = mapped_column(ForeignKey("channel.id"), index=True)
    """NULL for mail as all letters go: by its default channel, else by the built-in way."""
    texts: Mapped[dict[str, Any]]
    """``subject`` and ``body`` by language, of the languages in which it is written."""
    fallback: Mapped[str] = mapped_column(String(8))
    """The language for customers whose own it is not written in."""
    stop_line: Mapped[bool] = mapped_column(default=True)
    """Whether a text message ends with how to get no more of them; a letter always does."""
    audience: Mapped[dict[str, Any]]
    """Who gets it: ``source`` is ``conditions`` or ``list``, the rest are the conditions, or the
    file's name, columns and number of lines."""
    listed: Mapped[list[Any] | None] = mapped_column(JSONB(none_as_null=True), deferred=True)
    """The lines of an uploaded list."""
    per_minute: Mapped[int | None] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(String(16))
    """``draft``, ``scheduled``, ``running``, ``stopped``, ``done`` or ``cancelled``."""
    revision: Mapped[int] = mapped_column(Integer, default=1)
    starts_at: Mapped[datetime | None]
    """When it was or is to begin."""
    next_at: Mapped[datetime | None]
    """When a worker is to look at it next; NULL while there is nothing to do."""
    tokens: Mapped[float | None]
    """How many its own rate allowed when that was last counted."""
    counted_at: Mapped[datetime | None]
    created_by: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))
    released_by: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))
    """Who let it go out; it reaches the customers whom this person may see."""
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    """When its recipients were frozen."""
    recipients: Mapped[int | None]
    """How many that were; NULL before."""
    ended_at: Mapped[datetime | None]


class MailingRecipient(Model):
    """Who was meant when a mailing began, and whether it was handed over to be sent."""

    __tablename__ = "mailing_recipient"
    __table_args__ = (
        UniqueConstraint("mailing_id", "address"),
        Index("ix_mailing_recipient_state", "mailing_id", "state", text("id DESC NULLS LAST")),
        Index(
            "ix_mailing_recipient_party_id", "party_id",
            postgresql_where=text("party_id IS NOT NULL"),
        ),
        Index(
            "ix_mailing_recipient_delivery_id", "delivery_id",
            postgresql_where=text("delivery_id IS NOT NULL"),
        ),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    mailing_id: Mapped[int] = mapped_column(ForeignKey("mailing.id"))
    party_id: Mapped[int | None] = mapped_column(ForeignKey("party.id"))
    address: Mapped[str | None] = mapped_column(String(254))
    """NULL for who has none, and for who shares one with somebody above."""
    name: Mapped[str] = mapped_column(String(200))
    language: Mapped[str] = mapped_column(String(8))
    facts: Mapped[dict[str, Any]]
    """The further columns of the line of an uploaded list."""
    state: Mapped[str] = mapped_column(String(16))
    """``waiting``, ``handed`` (its delivery says the rest), ``skipped`` or ``cancelled``."""
    reason: Mapped[str | None] = mapped_column(String(32))
    """Why it was skipped."""
    delivery_id: Mapped[int | None] = mapped_column(ForeignKey("delivery.id"))


class MailingRefusal(Model):
    """An address whose owner wants no mailings any more, but answers to their own requests."""

    __tablename__ = "mailing_refusal"
    __table_args__ = (UniqueConstraint("kind", "address"),)

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    kind: Mapped[str] = mapped_column(String(8))
    """``email`` or ``phone``."""
    address: Mapped[str] = mapped_column(String(254))
    """A mailbox in lower case, or a number in E.164."""
    since: Mapped[datetime]
