"""A letter to people of the house knows to whom of them it was written, to be asked once more when
it goes out."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("delivery", sa.Column("readers", sa.String(90)))


def downgrade() -> None:
    op.drop_column("delivery", "readers")
