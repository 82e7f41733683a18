"""Processes that a thrown signal is about to begin."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "signal_start",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("thrown_id", sa.BigInteger(), nullable=False),
        sa.Column("definition_id", sa.BigInteger(), nullable=False),
        sa.Column("element", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["definition_id"],
            ["process_definition.id"],
            name=op.f("fk_signal_start_definition_id_process_definition"),
        ),
        sa.ForeignKeyConstraint(
            ["thrown_id"],
            ["thrown_signal.id"],
            name=op.f("fk_signal_start_thrown_id_thrown_signal"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signal_start")),
    )
    op.create_index(op.f("ix_signal_start_thrown_id"), "signal_start", ["thrown_id"], unique=False)
    op.create_index(
        op.f("ix_signal_start_definition_id"), "signal_start", ["definition_id"], unique=False
    )


def downgrade() -> None:
    op.drop_table("signal_start")
