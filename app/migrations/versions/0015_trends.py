"""Find the trends that were told of among all events."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_event_trend", "event", ["at"], postgresql_where=sa.text("kind = 'trend_found'")
    )


def downgrade() -> None:
    op.drop_index("ix_event_trend", "event")
