"""What people did with messages, calls and users is found by what it is about; texts without a
report are found among millions of deliveries.

An administrator may have made these indexes before, without stopping anything: see
``docs/how-to/operator.md``.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

_DEEDS = (
    "('message_dropped', 'message_released', 'message_placed', 'call_dismissed', 'user_reached')"
)


def upgrade() -> None:
    op.create_index(
        "ix_event_deed", "event", ["element"],
        postgresql_where=sa.text(f"kind IN {_DEEDS}"), if_not_exists=True,
    )  # fmt: skip
    op.create_index(
        "ix_delivery_unreported", "delivery", ["channel_id", "id"],
        postgresql_where=sa.text("state = 'accepted' AND partner_id IS NOT NULL"),
        if_not_exists=True,
    )  # fmt: skip


def downgrade() -> None:
    op.drop_index("ix_delivery_unreported", "delivery")
    op.drop_index("ix_event_deed", "event")
