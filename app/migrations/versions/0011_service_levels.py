"""Service levels are settings in versions; clocks belong to tasks, too, and climb ladders."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"

_MOMENT = sa.DateTime(timezone=True)
_JSON = postgresql.JSONB(astext_type=sa.Text())
_EMPTY = sa.text("'{}'")
# A promise that broke and was noted is not noted again; the others are looked at once more.
_PLAN = """
    INSERT INTO due_moment (kind, clock_id, key, due_at)
    SELECT 'sla', id, 'broken', due_at FROM sla_clock
     WHERE state = 'running' AND due_at IS NOT NULL AND broken_at IS NULL
"""
_PLANNED = """
    UPDATE sla_clock SET next_step = 'broken', next_step_at = due_at
     WHERE state = 'running' AND due_at IS NOT NULL AND broken_at IS NULL
"""
_NOTED = """
    UPDATE sla_clock SET done = jsonb_build_object('broken', to_char(
        coalesce(due_at, broken_at) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"'))
     WHERE broken_at IS NOT NULL
"""


def upgrade() -> None:
    _create_settings()
    _create_terms()
    _widen_clocks()
    _create_steps()
    op.add_column("user_task", sa.Column("reassigned_at", _MOMENT, nullable=True))
    # The first version of a shipped calendar is the one that clocks have counted by so far.
    op.execute("UPDATE sla_clock SET calendar = calendar || '@1'")
    for statement in (_PLAN, _PLANNED, _NOTED):
        op.execute(statement)


def _create_settings() -> None:
    op.create_table(
        "sla_setting",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("shipped", sa.Boolean(), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("by", sa.BigInteger(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["by"], ["staff_user.id"], name=op.f("fk_sla_setting_by_staff_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sla_setting")),
        sa.UniqueConstraint("kind", "key", "version", name=op.f("uq_sla_setting_kind_key_version")),
    )


def _create_terms() -> None:
    op.create_table(
        "branch",
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("names", _JSON, nullable=False),
        sa.Column("calendar", sa.String(length=80), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_branch")),
    )
    op.create_table(
        "contract",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("party_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("names", _JSON, nullable=False),
        sa.Column("level", sa.String(length=40), nullable=False),
        sa.Column("services", postgresql.ARRAY(sa.String(length=80)), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["party_id"], ["party.id"], name=op.f("fk_contract_party_id_party")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract")),
        sa.UniqueConstraint("number", name=op.f("uq_contract_number")),
    )
    op.create_index(op.f("ix_contract_party_id"), "contract", ["party_id"])
    op.add_column("service_request", sa.Column("contract_id", sa.BigInteger(), nullable=True))
    op.add_column("service_request", sa.Column("branch_key", sa.String(length=80), nullable=True))
    terms = sa.Column("terms", _JSON, server_default=_EMPTY, nullable=False)
    op.add_column("service_request", terms)
    op.create_foreign_key(
        op.f("fk_service_request_contract_id_contract"),
        "service_request", "contract", ["contract_id"], ["id"],
    )  # fmt: skip
    op.create_foreign_key(
        op.f("fk_service_request_branch_key_branch"),
        "service_request", "branch", ["branch_key"], ["key"],
    )  # fmt: skip
    for name in ("contract_id", "branch_key"):
        op.create_index(
            f"ix_service_request_{name}", "service_request", [name],
            postgresql_where=sa.text(f"{name} IS NOT NULL"),
        )  # fmt: skip


def _widen_clocks() -> None:
    op.alter_column("sla_clock", "request_id", existing_type=sa.BigInteger(), nullable=True)
    op.alter_column("sla_clock", "metric", type_=sa.String(length=200))
    op.alter_column("sla_clock", "calendar", type_=sa.String(length=96))
    for column in (
        sa.Column("instance_id", sa.BigInteger(), nullable=True),
        sa.Column("task_key", sa.String(length=80), nullable=True),
        sa.Column("policy_version", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("cycle", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("rule", _JSON, server_default=_EMPTY, nullable=False),
        sa.Column("ladder", sa.String(length=96), nullable=True),
        sa.Column("done", _JSON, server_default=_EMPTY, nullable=False),
        sa.Column("next_step", sa.String(length=80), nullable=True),
        sa.Column("next_step_at", _MOMENT, nullable=True),
    ):
        op.add_column("sla_clock", column)
    op.create_foreign_key(
        op.f("fk_sla_clock_instance_id_process_instance"),
        "sla_clock", "process_instance", ["instance_id"], ["id"],
    )  # fmt: skip
    op.drop_constraint("uq_sla_clock_request_id_metric", "sla_clock", type_="unique")
    op.drop_index("ix_sla_clock_due", table_name="sla_clock")
    _index("uq_sla_clock_request", "task_key IS NULL", "request_id", "metric", "cycle", unique=True)
    _index("uq_sla_clock_task", "task_key IS NOT NULL", "instance_id", "task_key", unique=True)
    _index("ix_sla_clock_open", "state <> 'stopped'", "request_id", "id")
    op.create_index("ix_sla_clock_request_id", "sla_clock", ["request_id"])


def _index(name: str, where: str, *columns: str, unique: bool = False) -> None:
    op.create_index(
        name, "sla_clock", list(columns), unique=unique, postgresql_where=sa.text(where)
    )


def _create_steps() -> None:
    op.create_table(
        "sla_step",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("clock_id", sa.BigInteger(), nullable=False),
        sa.Column("step", sa.String(length=80), nullable=False),
        sa.Column("due_at", _MOMENT, nullable=False),
        sa.Column("done_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["clock_id"], ["sla_clock.id"],
            name=op.f("fk_sla_step_clock_id_sla_clock"), ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sla_step")),
        sa.UniqueConstraint(
            "clock_id", "step", "due_at", name=op.f("uq_sla_step_clock_id_step_due_at")
        ),
    )  # fmt: skip


def downgrade() -> None:
    # What the older release cannot hold goes: clocks of tasks, and all cycles but the last.
    op.execute("DELETE FROM due_moment WHERE kind = 'sla'")
    op.drop_table("sla_step")
    op.execute("DELETE FROM sla_clock WHERE task_key IS NOT NULL")
    op.execute("""
        DELETE FROM sla_clock older USING sla_clock newer
         WHERE older.request_id = newer.request_id AND older.metric = newer.metric
           AND older.cycle < newer.cycle
    """)
    op.execute("UPDATE sla_clock SET calendar = split_part(calendar, '@', 1)")
    for name in ("uq_sla_clock_request", "uq_sla_clock_task", "ix_sla_clock_open"):
        op.drop_index(name, table_name="sla_clock")
    op.drop_index("ix_sla_clock_request_id", table_name="sla_clock")
    for name in ("instance_id", "task_key", "policy_version", "cycle", "rule", "ladder", "done",
                 "next_step", "next_step_at"):  # fmt: skip
        op.drop_column("sla_clock", name)
    op.alter_column("sla_clock", "request_id", existing_type=sa.BigInteger(), nullable=False)
    op.alter_column("sla_clock", "metric", type_=sa.String(length=80))
    op.alter_column("sla_clock", "calendar", type_=sa.String(length=80))
    op.create_unique_constraint(
        "uq_sla_clock_request_id_metric", "sla_clock", ["request_id", "metric"]
    )
    running = sa.text("state = 'running'")
    op.create_index("ix_sla_clock_due", "sla_clock", ["due_at"], postgresql_where=running)
    for name in ("contract_id", "branch_key"):
        op.drop_index(f"ix_service_request_{name}", table_name="service_request")
    for name in ("contract_id", "branch_key", "terms"):
        op.drop_column("service_request", name)
    for table in ("contract", "branch", "sla_setting"):
        op.drop_table(table)
    op.drop_column("user_task", "reassigned_at")
