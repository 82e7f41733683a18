"""Raw mails whose time is over are found by their state, past those that are kept for longer."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _index(["state", "received_at"])


def downgrade() -> None:
    _index(["received_at"])


def _index(names: list[str]) -> None:
    op.drop_index("ix_inbound_message_raw", "inbound_message")
    op.create_index(
        "ix_inbound_message_raw", "inbound_message", names,
        postgresql_where=sa.text("raw IS NOT NULL"),
    )  # fmt: skip
