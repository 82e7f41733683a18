"""Absences with their substitutes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "absence",
        sa.Column("id", sa.BigInteger(), sa.Identity(), primary_key=True),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("substitute_id", sa.BigInteger(), nullable=False),
        sa.Column("starts_at", _MOMENT, nullable=False),
        sa.Column("ends_at", _MOMENT, nullable=False),
        sa.Column("entered_by", sa.BigInteger()),
        sa.Column("created_at", _MOMENT, nullable=False),
        _to_user("user_id", ondelete="CASCADE"),
        _to_user("substitute_id", ondelete="CASCADE"),
        _to_user("entered_by"),
    )
    for column in ("user_id", "substitute_id"):
        op.create_index(op.f(f"ix_absence_{column}"), "absence", [column])


def _to_user(column: str, ondelete: str | None = None) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_absence_{column}_staff_user")
    return sa.ForeignKeyConstraint([column], ["staff_user.id"], name=name, ondelete=ondelete)


def downgrade() -> None:
    op.drop_table("absence")
