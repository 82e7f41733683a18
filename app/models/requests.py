"""Service requests, and what was said and sent about them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ForeignKey,
    Identity,
    Index,
    LargeBinary,
    Sequence,
    String,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Model
from app.models.parties import Contact, Party

request_numbers = Sequence("service_request_number", metadata=Model.metadata, start=1)

OPEN, WAITING, CLOSED = "open", "waiting", "closed"
"""What a request's status may be; ``waiting`` means that the customer or a partner is asked."""


class ServiceRequest(Model):
    """One request of one customer, whatever its kind (ISO/IEC 20000-1, ISO 10002 7.2)."""

    __tablename__ = "service_request"
    __table_args__ = (
        Index("ix_service_request_status_due", "status", "next_due_at"),
        Index("ix_service_request_created", "created_at", "id"),
        # Partial ones, since most requests have neither.
        Index(
            "ix_service_request_contract_id", "contract_id",
            postgresql_where=text("contract_id IS NOT NULL"),
        ),
        Index(
            "ix_service_request_branch_key", "branch_key",
            postgresql_where=text("branch_key IS NOT NULL"),
        ),
        Index(
            "ix_service_request_phone", "contact_phone",
            postgresql_where=text(f"contact_phone IS NOT NULL AND status <> '{CLOSED}'"),
        ),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    number: Mapped[str] = mapped_column(String(20), unique=True)
    tracking_code: Mapped[str] = mapped_column(String(32), unique=True)
    """The customer's secret: who knows it may follow the request and write about it."""
    service: Mapped[str] = mapped_column(String(80), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    """``complaint``, ``incident``, ``request``, ``visit`` or ``dispute``."""
    subject: Mapped[str] = mapped_column(String(200))
    description: Mapped[str] = mapped_column(Text)
    customer_id: Mapped[int] = mapped_column(ForeignKey("party.id"), index=True)
    contact_name: Mapped[str] = mapped_column(String(200))
    contact_phone: Mapped[str | None] = mapped_column(String(20))
    contact_email: Mapped[str | None] = mapped_column(String(254))
    """Who asks and where they are answered, as given with this very request: the customer's
    record may hold other addresses, which prove nothing about who sent this one."""
    channel: Mapped[str] = mapped_column(String(16))
    """How it came: ``portal``, ``api``, ``phone``, ``letter``, ``email``, ``in_person``."""
    language: Mapped[str] = mapped_column(String(8))
    status: Mapped[str] = mapped_column(String(16), default=OPEN)
    stage: Mapped[str | None] = mapped_column(String(80))
    priority: Mapped[str] = mapped_column(String(16), default="normal")
    outcome: Mapped[str | None] = mapped_column(String(80))
    waits_for: Mapped[str | None] = mapped_column(String(16))
    """``customer`` or ``partner`` while the status is ``waiting``."""
    data: Mapped[dict[str, Any]]
    """The submitted form's fields, as the service's form schema says."""
    confidential: Mapped[bool] = mapped_column(default=False)
    named_users: Mapped[list[int]] = mapped_column(ARRAY(BigInteger), default=list)
    """Who may see a confidential request, besides managers (ISO 10002 4.8)."""
    contract_id: Mapped[int | None] = mapped_column(ForeignKey("contract.id"))
    """The contract that was in force at submission, unless staff chose another."""
    branch_key: Mapped[str | None] = mapped_column(ForeignKey("branch.key"))
    terms: Mapped[dict[str, str]] = mapped_column(default=dict, server_default="{}")
    """What policies ask about, as it was when the promises were last judged: the customer's
    ``tier``, the level of the ``contract``, and the ``calendar`` of the branch."""
    next_due_at: Mapped[datetime | None]
    """The due instant of the next running promise; NULL when none runs."""
    next_risk_at: Mapped[datetime | None]
    next_metric: Mapped[str | None] = mapped_column(String(80))
    created_by: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"), index=True)
    """The staff member or program that submitted it; NULL when the customer did."""
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]

    customer: Mapped[Party] = relationship()

    @property
    def contact(self) -> Contact:
        """Who asks, as given with this request."""
        return Contact(self.contact_name, self.contact_phone, self.contact_email)

    @property
    def is_open(self) -> bool:
        """Whether the customer may still expect something from us."""
        return self.status != CLOSED

    def close(self, outcome: str, now: datetime) -> None:
        """Close it once; what happens inside afterwards does not reopen it."""
        if self.closed_at is None:
            self.status, self.outcome, self.closed_at = CLOSED, outcome, now
            self.waits_for = None

    def reopen(self) -> None:
        """The customer may expect something again."""
        self.status, self.outcome, self.closed_at = OPEN, None, None


class Interaction(Model):
    """One thing said between the customer and us, or a note among staff: the memory."""

    __tablename__ = "interaction"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("service_request.id"), index=True)
    party_id: Mapped[int] = mapped_column(ForeignKey("party.id"), index=True)
    direction: Mapped[str] = mapped_column(String(16))
    """``inbound`` from the customer, ``outbound`` to the customer, ``internal`` among staff."""
    channel: Mapped[str] = mapped_column(String(16))
    author_kind: Mapped[str] = mapped_column(String(16))
    """``customer``, ``user`` or ``system``."""
    author_id: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))
    author_names: Mapped[dict[str, str]]
    subject: Mapped[str | None] = mapped_column(String(300))
    body: Mapped[str] = mapped_column(Text)
    job_id: Mapped[int | None] = mapped_column(ForeignKey("service_job.id"), unique=True)
    """The service task that said it, so that a repeated job says it once."""
    link: Mapped[str | None] = mapped_column(String(1000))
    """Where staff find more, such as the recording of a call; customers never see it."""
    at: Mapped[datetime]


class Attachment(Model):
    """A file of a request, kept whole in the database so that one backup holds all."""

    __tablename__ = "attachment"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("service_request.id"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    media_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    author_kind: Mapped[str] = mapped_column(String(16))
    author_id: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))
    at: Mapped[datetime]
