"""Channels to partners, how they fare, and whom not to contact; what a delivery by them brings."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _make_channel()
    _make_channel_state()
    _make_no_contact()
    _grow_delivery()


def _make_channel() -> None:
    op.create_table(
        "channel",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("task_type", sa.String(32), nullable=False),
        sa.Column("names", JSONB(), nullable=False),
        sa.Column("options", JSONB(), nullable=False),
        sa.Column("secrets", sa.LargeBinary(), nullable=True),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("policy", JSONB(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("updated_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_channel"),
        sa.UniqueConstraint("key", name="uq_channel_key"),
    )
    op.create_index(
        "uq_channel_default", "channel", ["task_type"], unique=True,
        postgresql_where=sa.text("is_default"),
    )  # fmt: skip


def _make_channel_state() -> None:
    op.create_table(
        "channel_state",
        sa.Column("channel_id", sa.BigInteger(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("open_until", _INSTANT, nullable=True),
        sa.Column("tokens", sa.Float(), nullable=True),
        sa.Column("refilled_at", _INSTANT, nullable=True),
        sa.ForeignKeyConstraint(
            ["channel_id"], ["channel.id"], name="fk_channel_state_channel_id_channel",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("channel_id", name="pk_channel_state"),
    )  # fmt: skip


def _make_no_contact() -> None:
    op.create_table(
        "no_contact",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("address", sa.String(254), nullable=False),
        sa.Column("reason", sa.String(16), nullable=False),
        sa.Column("since", _INSTANT, nullable=False),
        sa.Column("by", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["by"], ["staff_user.id"], name="fk_no_contact_by_staff_user"),
        sa.PrimaryKeyConstraint("id", name="pk_no_contact"),
        sa.UniqueConstraint("kind", "address", name="uq_no_contact_kind_address"),
    )


def _grow_delivery() -> None:
    op.add_column("delivery", sa.Column("channel_id", sa.BigInteger(), nullable=True))
    op.add_column("delivery", sa.Column("payload", JSONB(), nullable=True))
    op.add_column("delivery", sa.Column("answer", JSONB(), nullable=True))
    op.add_column("delivery", sa.Column("partner_id", sa.String(200), nullable=True))
    op.add_column("delivery", sa.Column("cost", sa.Numeric(14, 4), nullable=True))
    op.add_column("delivery", sa.Column("currency", sa.String(8), nullable=True))
    op.add_column("delivery", sa.Column("delivered_at", _INSTANT, nullable=True))
    op.add_column("delivery", sa.Column("not_before", _INSTANT, nullable=True))
    op.create_foreign_key(
        "fk_delivery_channel_id_channel", "delivery", "channel", ["channel_id"], ["id"]
    )
    op.create_index(
        "ix_delivery_partner", "delivery", ["channel_id", "partner_id"],
        postgresql_where=sa.text("partner_id IS NOT NULL"),
    )  # fmt: skip


def downgrade() -> None:
    op.drop_index("ix_delivery_partner", "delivery")
    op.drop_constraint("fk_delivery_channel_id_channel", "delivery", type_="foreignkey")
    for column in (
        "not_before", "delivered_at", "currency", "cost", "partner_id", "answer", "payload",
        "channel_id",
    ):  # fmt: skip
        op.drop_column("delivery", column)
    for table in ("no_contact", "channel_state", "channel"):
        op.drop_table(table)
