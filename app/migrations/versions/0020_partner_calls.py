"""What partners' systems tell us by their calls."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "partner_call",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("channel_id", sa.BigInteger, nullable=False),
        sa.Column("external_id", sa.String(200), nullable=False),
        sa.Column("message", sa.String(200), nullable=False),
        sa.Column("correlation", sa.String(200), nullable=False),
        sa.Column("data", JSONB, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("received_at", moment, nullable=False),
        sa.Column("heard_at", moment, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_partner_call"),
        sa.UniqueConstraint(
            "channel_id", "external_id", name="uq_partner_call_channel_id_external_id"
        ),
        sa.ForeignKeyConstraint(
            ["channel_id"], ["channel.id"], name="fk_partner_call_channel_id_channel"
        ),
    )
    op.create_index(
        "ix_partner_call_waiting",
        "partner_call",
        ["id"],
        postgresql_where=sa.text("state <> 'heard'"),
    )


def downgrade() -> None:
    op.drop_table("partner_call")
