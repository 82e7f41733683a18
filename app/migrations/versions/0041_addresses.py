"""What was sent to an address is found by it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_delivery_address", "delivery",
        [sa.text("lower(recipient)"), sa.text("id DESC NULLS LAST")], if_not_exists=True,
    )  # fmt: skip


def downgrade() -> None:
    op.drop_index("ix_delivery_address", "delivery")
