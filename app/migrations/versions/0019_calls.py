"""Telephone calls as a telephone system reports them, and links of what was said."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("interaction", sa.Column("link", sa.String(1000)))
    op.create_table(
        "phone_call",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column("reported_by", sa.BigInteger, sa.ForeignKey("staff_user.id"), nullable=False),
        sa.Column("call_id", sa.String(100), nullable=False),
        sa.Column("direction", sa.String(16), nullable=False),
        sa.Column("number", sa.String(40), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seconds", sa.Integer),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("recording", sa.String(1000)),
        sa.Column("party_id", sa.BigInteger, sa.ForeignKey("party.id")),
        sa.Column("request_id", sa.BigInteger, sa.ForeignKey("service_request.id")),
        sa.Column("interaction_id", sa.BigInteger, sa.ForeignKey("interaction.id")),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("reported_by", "call_id"),
    )
    for name in ("party_id", "request_id", "interaction_id"):
        op.create_index(
            f"ix_phone_call_{name.removesuffix('_id')}", "phone_call", [name],
            postgresql_where=sa.text(f"{name} IS NOT NULL"),
        )  # fmt: skip


def downgrade() -> None:
    op.drop_table("phone_call")
    op.drop_column("interaction", "link")
