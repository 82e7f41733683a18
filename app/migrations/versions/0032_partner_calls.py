"""Partners' calls tell how many processes heard them, and who dropped them and why."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("partner_call", sa.Column("reached", sa.Integer))
    decider = sa.Column("decided_by", sa.BigInteger, sa.ForeignKey("staff_user.id"))
    op.add_column("partner_call", decider)
    op.add_column("partner_call", sa.Column("decided_at", sa.DateTime(timezone=True)))
    op.add_column("partner_call", sa.Column("why", sa.String(300)))


def downgrade() -> None:
    for name in ("why", "decided_at", "decided_by", "reached"):
        op.drop_column("partner_call", name)
