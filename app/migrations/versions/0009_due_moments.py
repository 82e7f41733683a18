"""One table of due moments for timers, timer starts and the steps of promises' ladders."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

_TIMERS = """
    INSERT INTO due_moment (id, kind, instance_id, key, element, called_id, due_at)
    SELECT id, 'timer', instance_id, key, element, called_id, due_at FROM timer
"""
_COUNT_ON = """
    SELECT setval(pg_get_serial_sequence('due_moment', 'id'),
                  (SELECT max(id) + 1 FROM due_moment), false)
     WHERE EXISTS (SELECT 1 FROM due_moment)
"""
_STARTS = """
    INSERT INTO due_moment (kind, start_id, key, element, due_at)
    SELECT 'start', id, element, element, due_at FROM start_subscription WHERE due_at IS NOT NULL
"""
# What was queued comes due anew, so its jobs, which know the rows of the old tables, may go.
_JOBS = """
    DELETE FROM procrastinate_jobs
     WHERE status = 'todo' AND task_name IN ('fire_timer', 'start_process', 'climb_ladder')
"""
_TIMERS_BACK = """
    INSERT INTO timer (instance_id, key, element, called_id, due_at)
    SELECT instance_id, key, element, called_id, due_at FROM due_moment WHERE kind = 'timer'
     ORDER BY id
"""
_STARTS_BACK = """
    UPDATE start_subscription SET due_at = due_moment.due_at
      FROM due_moment WHERE due_moment.start_id = start_subscription.id
"""


def upgrade() -> None:
    _create_moments()
    for statement in (_TIMERS, _COUNT_ON, _STARTS):
        op.execute(statement)
    op.drop_table("timer")
    op.drop_index("ix_start_subscription_waiting", table_name="start_subscription")
    op.drop_column("start_subscription", "queued_at")
    op.drop_column("start_subscription", "due_at")
    _forget_jobs()


def _create_moments() -> None:
    op.create_table(
        "due_moment",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("instance_id", sa.BigInteger(), nullable=True),
        sa.Column("start_id", sa.BigInteger(), nullable=True),
        sa.Column("clock_id", sa.BigInteger(), nullable=True),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("element", sa.String(length=200), server_default="", nullable=False),
        sa.Column("called_id", sa.BigInteger(), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["instance_id"],
            ["process_instance.id"],
            name=op.f("fk_due_moment_instance_id_process_instance"),
        ),
        sa.ForeignKeyConstraint(
            ["start_id"],
            ["start_subscription.id"],
            name=op.f("fk_due_moment_start_id_start_subscription"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["clock_id"],
            ["sla_clock.id"],
            name=op.f("fk_due_moment_clock_id_sla_clock"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_due_moment")),
        sa.UniqueConstraint("instance_id", "key", name=op.f("uq_due_moment_instance_id_key")),
    )
    _index("uq_due_moment_start", "start_id IS NOT NULL", "start_id", unique=True)
    _index("uq_due_moment_clock", "clock_id IS NOT NULL", "clock_id", "key", unique=True)
    _index("ix_due_moment_waiting", "queued_at IS NULL", "due_at", "id")


def _index(name: str, where: str, *columns: str, unique: bool = False) -> None:
    op.create_index(
        name, "due_moment", list(columns), unique=unique, postgresql_where=sa.text(where)
    )


def _forget_jobs() -> None:
    if op.get_bind().scalar(sa.text("SELECT to_regclass('procrastinate_jobs')")) is not None:
        op.execute(_JOBS)


def downgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "timer",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("instance_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("element", sa.String(length=200), nullable=False),
        sa.Column("due_at", moment, nullable=False),
        sa.Column("queued_at", moment, nullable=True),
        sa.Column("called_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["instance_id"],
            ["process_instance.id"],
            name=op.f("fk_timer_instance_id_process_instance"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_timer")),
        sa.UniqueConstraint("instance_id", "key", name=op.f("uq_timer_instance_id_key")),
    )
    op.add_column("start_subscription", sa.Column("due_at", moment, nullable=True))
    op.add_column("start_subscription", sa.Column("queued_at", moment, nullable=True))
    waiting = sa.text("queued_at IS NULL")
    op.create_index("ix_timer_waiting", "timer", ["due_at"], postgresql_where=waiting)
    op.create_index(
        "ix_start_subscription_waiting", "start_subscription", ["due_at"], postgresql_where=waiting
    )
    op.execute(_TIMERS_BACK)
    op.execute(_STARTS_BACK)
    op.drop_table("due_moment")
    _forget_jobs()
