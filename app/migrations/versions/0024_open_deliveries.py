"""Find what a channel has still to send."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_delivery_open", "delivery", ["channel_id", "id"],
        postgresql_where=sa.text(
            "channel_id IS NOT NULL AND state IN ('queued', 'sending', 'waiting')"
        ),
    )  # fmt: skip


def downgrade() -> None:
    op.drop_index("ix_delivery_open", "delivery")
