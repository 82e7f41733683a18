"""Letters that no quiet hours hold back, mobile numbers of staff, and letters as the organisation
words them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    no = sa.text("false")
    op.add_column("delivery", sa.Column("urgent", sa.Boolean, nullable=False, server_default=no))
    op.add_column("staff_user", sa.Column("phone", sa.String(20)))
    op.create_table(
        "letter_version",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("texts", JSONB, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.BigInteger, sa.ForeignKey("staff_user.id")),
        sa.Column("note", sa.Text, nullable=False),
        sa.UniqueConstraint("key", "version"),
    )


def downgrade() -> None:
    op.drop_table("letter_version")
    op.drop_column("staff_user", "phone")
    op.drop_column("delivery", "urgent")
