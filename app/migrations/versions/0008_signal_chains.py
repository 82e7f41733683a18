"""What one signal leads to is counted over its whole chain, so that none grows without end."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.add_column("thrown_signal", sa.Column("origin", sa.BigInteger(), nullable=True))
    op.add_column(
        "thrown_signal",
        sa.Column("reached", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
    )
    op.create_index("ix_thrown_signal_origin", "thrown_signal", ["origin"])


def downgrade() -> None:
    op.drop_index("ix_thrown_signal_origin", "thrown_signal")
    op.drop_column("thrown_signal", "reached")
    op.drop_column("thrown_signal", "origin")
