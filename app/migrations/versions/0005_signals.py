"""Signals: who waits for which, and those on their way."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "signal_subscription",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("instance_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("element", sa.String(length=200), nullable=False),
        sa.Column("called_id", sa.BigInteger(), nullable=True),
        sa.Column("signal", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["instance_id"],
            ["process_instance.id"],
            name=op.f("fk_signal_subscription_instance_id_process_instance"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signal_subscription")),
        sa.UniqueConstraint(
            "instance_id", "key", name=op.f("uq_signal_subscription_instance_id_key")
        ),
    )
    op.create_index(
        "ix_signal_subscription_signal", "signal_subscription", ["signal"], unique=False
    )
    op.create_table(
        "thrown_signal",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("signal", sa.String(length=200), nullable=False),
        sa.Column("variables", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("thrown_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("thrown_by", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["thrown_by"],
            ["process_instance.id"],
            name=op.f("fk_thrown_signal_thrown_by_process_instance"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_thrown_signal")),
    )
    op.create_index(
        op.f("ix_thrown_signal_thrown_by"), "thrown_signal", ["thrown_by"], unique=False
    )
    op.create_table(
        "signal_delivery",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("thrown_id", sa.BigInteger(), nullable=False),
        sa.Column("instance_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["instance_id"],
            ["process_instance.id"],
            name=op.f("fk_signal_delivery_instance_id_process_instance"),
        ),
        sa.ForeignKeyConstraint(
            ["thrown_id"],
            ["thrown_signal.id"],
            name=op.f("fk_signal_delivery_thrown_id_thrown_signal"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signal_delivery")),
        sa.UniqueConstraint(
            "thrown_id",
            "instance_id",
            "key",
            name=op.f("uq_signal_delivery_thrown_id_instance_id_key"),
        ),
    )
    op.create_index(
        op.f("ix_signal_delivery_instance_id"), "signal_delivery", ["instance_id"], unique=False
    )


def downgrade() -> None:
    op.drop_table("signal_delivery")
    op.drop_table("thrown_signal")
    op.drop_table("signal_subscription")
