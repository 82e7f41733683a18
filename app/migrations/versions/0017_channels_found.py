"""Find the revisions of a channel among all events, and its deliveries of the day."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_event_channel", "event", ["element"],
        postgresql_where=sa.text("kind = 'channel_changed'"),
    )  # fmt: skip
    op.create_index(
        "ix_delivery_channel", "delivery", ["channel_id", "created_at"],
        postgresql_where=sa.text("channel_id IS NOT NULL"),
    )  # fmt: skip


def downgrade() -> None:
    op.drop_index("ix_delivery_channel", "delivery")
    op.drop_index("ix_event_channel", "event")
