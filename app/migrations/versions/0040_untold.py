"""A channel that was idle for long finds its texts without a report as quickly as a busy one."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

_WHERE = "state = 'accepted' AND partner_id IS NOT NULL"


def upgrade() -> None:
    op.create_index(
        "ix_delivery_untold", "delivery", ["channel_id", sa.text("id DESC NULLS LAST")],
        postgresql_where=sa.text(_WHERE), if_not_exists=True,
    )  # fmt: skip
    op.drop_index("ix_delivery_unreported", "delivery")


def downgrade() -> None:
    op.create_index(
        "ix_delivery_unreported", "delivery", ["channel_id", "id"],
        postgresql_where=sa.text(_WHERE),
    )  # fmt: skip
    op.drop_index("ix_delivery_untold", "delivery")
