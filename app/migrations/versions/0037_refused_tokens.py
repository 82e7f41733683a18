"""A channel knows that its partner takes its refresh token no more."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("channel_state", sa.Column("token_refused_at", sa.DateTime(timezone=True)))


def downgrade() -> None:
    op.drop_column("channel_state", "token_refused_at")
