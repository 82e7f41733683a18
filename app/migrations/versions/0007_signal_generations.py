"""Signals that lead to signals are counted, so that no chain of them goes on for ever."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.add_column(
        "thrown_signal",
        sa.Column("generation", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
    )


def downgrade() -> None:
    op.drop_column("thrown_signal", "generation")
