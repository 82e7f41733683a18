"""Parts of long text messages that wait for the others."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_PLACE = ["channel_id", "sender", "recipient", "reference", "total", "number"]


def upgrade() -> None:
    op.create_table(
        "inbound_part",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column("channel_id", sa.BigInteger, sa.ForeignKey("channel.id"), nullable=False),
        sa.Column("sender", sa.String(40), nullable=False),
        sa.Column("recipient", sa.String(40), nullable=False),
        sa.Column("reference", sa.Integer, nullable=False),
        sa.Column("total", sa.Integer, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("coding", sa.Integer, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("uq_inbound_part", "inbound_part", _PLACE, unique=True)
    op.create_index("ix_inbound_part_received", "inbound_part", ["received_at"])


def downgrade() -> None:
    op.drop_table("inbound_part")
