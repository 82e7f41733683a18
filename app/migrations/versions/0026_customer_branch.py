"""The branch of a customer, and what was agreed with customers among all events."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("party", sa.Column("branch_key", sa.String(80)))
    op.create_foreign_key(
        op.f("fk_party_branch_key_branch"), "party", "branch", ["branch_key"], ["key"]
    )
    op.create_index(
        "ix_party_branch_key", "party", ["branch_key"],
        postgresql_where=sa.text("branch_key IS NOT NULL"),
    )  # fmt: skip
    op.create_index(
        "ix_event_agreed", "event", ["element"],
        postgresql_where=sa.text("kind = 'terms_agreed'"),
    )  # fmt: skip


def downgrade() -> None:
    op.drop_index("ix_event_agreed", "event")
    op.drop_index("ix_party_branch_key", "party")
    op.drop_constraint(op.f("fk_party_branch_key_branch"), "party", type_="foreignkey")
    op.drop_column("party", "branch_key")
