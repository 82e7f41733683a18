"""Start events that begin a process by a message, a signal, a condition or the clock."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "start_subscription",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("definition_id", sa.BigInteger(), nullable=False),
        sa.Column("element", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("every", sa.String(length=80), nullable=True),
        sa.Column("turns_left", sa.BigInteger(), nullable=True),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["definition_id"],
            ["process_definition.id"],
            name=op.f("fk_start_subscription_definition_id_process_definition"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_start_subscription")),
        sa.UniqueConstraint(
            "definition_id", "element", name=op.f("uq_start_subscription_definition_id_element")
        ),
    )
    op.create_index("ix_start_subscription_name", "start_subscription", ["name"], unique=False)
    op.create_index(
        "ix_start_subscription_waiting",
        "start_subscription",
        ["due_at"],
        unique=False,
        postgresql_where=sa.text("queued_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_table("start_subscription")
