"""Requests linked to each other."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_table(
        "request_link",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("parent_id", sa.BigInteger(), nullable=False),
        sa.Column("child_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["service_request.id"], ondelete="CASCADE",
            name=op.f("fk_request_link_parent_id_service_request"),
        ),
        sa.ForeignKeyConstraint(
            ["child_id"], ["service_request.id"], ondelete="CASCADE",
            name=op.f("fk_request_link_child_id_service_request"),
        ),
        sa.ForeignKeyConstraint(
            ["by"], ["staff_user.id"], name=op.f("fk_request_link_by_staff_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_request_link")),
        sa.UniqueConstraint(
            "parent_id", "child_id", "kind", name=op.f("uq_request_link_parent_id_child_id_kind")
        ),
    )  # fmt: skip
    op.create_index(op.f("ix_request_link_child_id"), "request_link", ["child_id"])
    op.create_index(
        "ix_request_link_one_original",
        "request_link",
        ["child_id"],
        unique=True,
        postgresql_where=sa.text("kind = 'duplicate'"),
    )


def downgrade() -> None:
    op.drop_table("request_link")
