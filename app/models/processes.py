"""Processes: what is deployed, what runs, and the projections of where each run stands.

``user_task``, ``due_moment``, ``subscription``, ``service_job`` and ``fault`` are projections of
the engine's state: written in the same transaction as the state, after every step.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    ForeignKey,
    Identity,
    Index,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Model
from app.models.moments import DueMoment
from app.models.people import User
from app.models.requests import ServiceRequest


class ProcessDefinition(Model):
    """One version of a diagram or a decision table, kept for ever."""

    __tablename__ = "process_definition"
    __table_args__ = (UniqueConstraint("kind", "key", "version"),)

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    kind: Mapped[str] = mapped_column(String(8))
    """``bpmn`` or ``dmn``."""
    key: Mapped[str] = mapped_column(String(200))
    version: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    names: Mapped[dict[str, str]]
    decisions: Mapped[list[str]] = mapped_column(ARRAY(String(200)), default=list)
    """The decision ids that a ``dmn`` file gives."""
    version_tags: Mapped[list[str]] = mapped_column(
        ARRAY(String(80)), default=list, server_default="{}"
    )
    """The version tags by which call activities may be bound to it."""
    filename: Mapped[str] = mapped_column(String(200))
    source: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    shipped: Mapped[bool] = mapped_column(default=False)
    """Whether it came with a release of Peygir, and not from the organisation itself."""
    deployed_at: Mapped[datetime]
    deployed_by: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))


class Deployment(Model):
    """What was deployed in one go, so that calls may be bound to it."""

    __tablename__ = "deployment"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    deployed_at: Mapped[datetime]
    deployed_by: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))


class DeploymentFile(Model):
    """One version that belongs to a deployment; one that did not change may belong to several."""

    __tablename__ = "deployment_file"

    deployment_id: Mapped[int] = mapped_column(ForeignKey("deployment.id"), primary_key=True)
    definition_id: Mapped[int] = mapped_column(
        ForeignKey("process_definition.id"), primary_key=True, index=True
    )


class ProcessInstance(Model):
    """One run of one definition; its row lock orders everything that happens to it."""

    __tablename__ = "process_instance"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    definition_id: Mapped[int] = mapped_column(ForeignKey("process_definition.id"), index=True)
    decisions: Mapped[dict[str, Any]]
    """The version of each decision table at the start, ``{decision id: definition id}``."""
    called: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    """The processes it called, ``{sha256: {"id": definition id, "decisions": as above, "tokens":
    the elements where tokens stand}}``."""
    request_id: Mapped[int | None] = mapped_column(ForeignKey("service_request.id"), index=True)
    status: Mapped[str] = mapped_column(String(16))
    """``active``, ``completed`` or ``terminated``."""
    state: Mapped[bytes] = mapped_column(LargeBinary)
    engine_version: Mapped[str] = mapped_column(String(40))
    revision: Mapped[int] = mapped_column(default=1)
    tokens: Mapped[list[str]] = mapped_column(ARRAY(String(200)), default=list)
    has_fault: Mapped[bool] = mapped_column(default=False)
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    suspended_at: Mapped[datetime | None]
    """Since when an operator lets it stand still; NULL while it goes on."""

    definition: Mapped[ProcessDefinition] = relationship()
    request: Mapped[ServiceRequest | None] = relationship()

    @property
    def condition(self) -> str:
        """``suspended`` while it stands still, else its status."""
        return "suspended" if self.suspended_at and self.status == "active" else self.status


class UserTask(Model):
    """A step that waits for a person, and afterwards the record of who did it when."""

    __tablename__ = "user_task"
    __table_args__ = (
        UniqueConstraint("instance_id", "key"),
        Index("ix_user_task_groups", "candidate_groups", postgresql_using="gin"),
        Index("ix_user_task_open_assignee", "assignee_id", postgresql_where=text("state = 'open'")),
        Index("ix_user_task_state_id", "state", "id"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    instance_id: Mapped[int] = mapped_column(ForeignKey("process_instance.id"))
    request_id: Mapped[int | None] = mapped_column(ForeignKey("service_request.id"), index=True)
    key: Mapped[str] = mapped_column(String(80))
    element: Mapped[str] = mapped_column(String(200))
    called_id: Mapped[int | None]
    """The version of the called process that the element belongs to; none for the instance's own.
    Versions are kept for ever, so no key is checked in every step."""
    names: Mapped[dict[str, str]]
    form: Mapped[str | None] = mapped_column(String(200))
    candidate_groups: Mapped[list[str]] = mapped_column(ARRAY(String(80)))
    candidate_users: Mapped[list[str]] = mapped_column(ARRAY(String(80)))
    excluded_users: Mapped[list[str]] = mapped_column(ARRAY(String(80)))
    """Logins that may not take it, because they handled the case before."""
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))
    priority: Mapped[int] = mapped_column(default=50)
    due_at: Mapped[datetime | None]
    state: Mapped[str] = mapped_column(String(16), default="open")
    """``open``, ``completed`` or ``cancelled`` (the process went on without it)."""
    draft: Mapped[dict[str, Any] | None]
    data: Mapped[dict[str, Any] | None]
    """What was submitted at completion."""
    revision: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    claimed_at: Mapped[datetime | None]
    reassigned_at: Mapped[datetime | None]
    """When an escalation gave it to others than the diagram says; their groups and logins stand
    in the columns of the candidates."""
    ended_at: Mapped[datetime | None]
    completed_by: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))

    instance: Mapped[ProcessInstance] = relationship()
    request: Mapped[ServiceRequest | None] = relationship()
    assignee: Mapped[User | None] = relationship(foreign_keys=[assignee_id])


class Subscription(Model):
    """A message that an instance waits for, found by its name and correlation key."""

    __tablename__ = "subscription"
    __table_args__ = (
        UniqueConstraint("instance_id", "key"),
        Index("ix_subscription_message", "message", "correlation"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    instance_id: Mapped[int] = mapped_column(ForeignKey("process_instance.id"))
    key: Mapped[str] = mapped_column(String(200))
    element: Mapped[str] = mapped_column(String(200))
    called_id: Mapped[int | None]
    """As of a user task."""
    message: Mapped[str] = mapped_column(String(200))
    correlation: Mapped[str | None] = mapped_column(String(200))


class HeldMessage(Model):
    """A message that came while its instance was suspended; it takes effect at resume."""

    __tablename__ = "held_message"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    instance_id: Mapped[int] = mapped_column(ForeignKey("process_instance.id"), index=True)
    key: Mapped[str] = mapped_column(String(200))
    """The subscription that it was meant for when it came."""
    message: Mapped[str] = mapped_column(String(200))
    correlation: Mapped[str | None] = mapped_column(String(200))
    variables: Mapped[dict[str, Any]]
    at: Mapped[datetime]
    actor_kind: Mapped[str] = mapped_column(String(16))
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))
    actor_names: Mapped[dict[str, str]]


class StartSubscription(Model):
    """A way in which the newest version of a process begins by itself or by what comes.

    Written at deployment; the rows of the version before go in the same transaction.
    """

    __tablename__ = "start_subscription"
    __table_args__ = (
        UniqueConstraint("definition_id", "element"),
        Index("ix_start_subscription_name", "name"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    definition_id: Mapped[int] = mapped_column(ForeignKey("process_definition.id"))
    element: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(16))
    """``message``, ``signal``, ``timer`` or ``conditional``."""
    name: Mapped[str | None] = mapped_column(String(200))
    """Of the message or signal."""
    every: Mapped[str | None] = mapped_column(String(80))
    """The duration of a timer's cycle."""
    turns_left: Mapped[int | None]
    """How many turns of the cycle are left; NULL: for ever."""

    definition: Mapped[ProcessDefinition] = relationship()
    moment: Mapped[DueMoment | None] = relationship(viewonly=True)
    """The next turn of a timer."""

    @property
    def due_at(self) -> datetime | None:
        """When the next turn of a timer is due."""
        return self.moment.due_at if self.moment else None


class ServiceJob(Model):
    """A parked service task: what to do, how often it was tried, how it ended."""

    __tablename__ = "service_job"
    __table_args__ = (
        UniqueConstraint("instance_id", "key"),
        Index(
            "ix_service_job_retry", "next_attempt_at", postgresql_where=text("state = 'waiting'")
        ),
        Index(
            "ix_service_job_untaken",
            "id",
            postgresql_where=text("state = 'queued' AND taken_by IS NULL"),
        ),
        Index(
            "ix_service_job_apart",
            "created_at",
            postgresql_where=text("state = 'queued' AND taken_by = 0"),
        ),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    instance_id: Mapped[int] = mapped_column(ForeignKey("process_instance.id"))
    key: Mapped[str] = mapped_column(String(80))
    element: Mapped[str] = mapped_column(String(200))
    called_id: Mapped[int | None]
    """As of a user task."""
    type: Mapped[str] = mapped_column(String(80))
    headers: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(String(16), default="queued")
    """``queued`` (for a worker), ``waiting`` (for the next attempt), ``done``,
    ``failed`` (a fault stands, or stood until ``ended_at``), ``cancelled`` (the process went on
    without it)."""
    taken_by: Mapped[int | None]
    """Of a queued one: the number of the worker that carries it out, 0 where the queue has a job
    of its own for it, NULL while it waits."""
    attempts: Mapped[int] = mapped_column(default=0)
    next_attempt_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class Fault(Model):
    """A token that could not go on: what, where, since when; retried by a person."""

    __tablename__ = "fault"
    __table_args__ = (
        Index("ix_fault_open", "raised_at", postgresql_where=text("resolved_at IS NULL")),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    instance_id: Mapped[int] = mapped_column(ForeignKey("process_instance.id"), index=True)
    key: Mapped[str] = mapped_column(String(200))
    element: Mapped[str] = mapped_column(String(200))
    called_id: Mapped[int | None]
    """As of a user task."""
    code: Mapped[str] = mapped_column(String(80))
    message: Mapped[str] = mapped_column(Text)
    texts: Mapped[dict[str, str]] = mapped_column(default=dict)
    """The message by language."""
    expression: Mapped[str | None] = mapped_column(Text)
    raised_at: Mapped[datetime]
    resolved_at: Mapped[datetime | None]
    resolved_by: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))

    instance: Mapped[ProcessInstance] = relationship()
