"""What comes in by channels: one row for each message."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "inbound_message",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("channel_id", sa.BigInteger(), nullable=False),
        sa.Column("external_id", sa.String(200), nullable=False),
        sa.Column("medium", sa.String(16), nullable=False),
        sa.Column("message_id", sa.String(250), nullable=True),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("sender", sa.String(254), nullable=False),
        sa.Column("sender_name", sa.String(200), nullable=False),
        sa.Column("recipient", sa.String(254), nullable=False),
        sa.Column("subject", sa.String(300), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("whole", sa.Text(), nullable=True),
        sa.Column("html", sa.Text(), nullable=True),
        sa.Column("raw", sa.LargeBinary(), nullable=True),
        sa.Column("files", sa.Integer(), nullable=False),
        sa.Column("received_at", _INSTANT, nullable=False),
        sa.Column("sent_at", _INSTANT, nullable=True),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("why", sa.String(300), nullable=False),
        sa.Column("request_id", sa.BigInteger(), nullable=True),
        sa.Column("interaction_id", sa.BigInteger(), nullable=True),
        sa.Column("delivery_id", sa.BigInteger(), nullable=True),
        sa.Column("decided_by", sa.BigInteger(), nullable=True),
        sa.Column("decided_at", _INSTANT, nullable=True),
        *_keys(),
    )
    _index("uq_inbound_message_external", "channel_id", "external_id", unique=True)
    _index("uq_inbound_message_same", "message_id", "digest", unique=True, where="message_id")
    _index("ix_inbound_message_sender", "sender", "received_at")
    _index("ix_inbound_message_state", "state", "id")
    for name in ("request_id", "interaction_id", "delivery_id"):
        _index(f"ix_inbound_message_{name}", name, where=name)


def _keys() -> list[sa.Constraint]:
    pairs = {
        "channel_id": "channel", "request_id": "service_request", "interaction_id": "interaction",
        "delivery_id": "delivery", "decided_by": "staff_user",
    }  # fmt: skip
    made: list[sa.Constraint] = [
        sa.ForeignKeyConstraint(
            [column], [f"{table}.id"], name=f"fk_inbound_message_{column}_{table}"
        )
        for column, table in pairs.items()
    ]
    return [sa.PrimaryKeyConstraint("id", name="pk_inbound_message"), *made]


def _index(name: str, *columns: str, unique: bool = False, where: str = "") -> None:
    told = sa.text(f"{where} IS NOT NULL") if where else None
    op.create_index(name, "inbound_message", columns, unique=unique, postgresql_where=told)


def downgrade() -> None:
    op.drop_table("inbound_message")
