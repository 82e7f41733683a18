"""How a mailing fares is told without reading all of its recipients."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_mailing_recipient_state", "mailing_recipient",
        ["mailing_id", "state", sa.text("id DESC NULLS LAST")], if_not_exists=True,
    )  # fmt: skip
    op.drop_index("ix_mailing_recipient_waiting", "mailing_recipient")
    op.add_column("mailing", sa.Column("recipients", sa.BigInteger()))
    op.execute(
        "UPDATE mailing SET recipients = (SELECT count(*) FROM mailing_recipient"
        " WHERE mailing_id = mailing.id) WHERE started_at IS NOT NULL"
    )


def downgrade() -> None:
    op.drop_column("mailing", "recipients")
    op.create_index(
        "ix_mailing_recipient_waiting", "mailing_recipient", ["mailing_id", "id"],
        postgresql_where=sa.text("state = 'waiting'"),
    )  # fmt: skip
    op.drop_index("ix_mailing_recipient_state", "mailing_recipient")
