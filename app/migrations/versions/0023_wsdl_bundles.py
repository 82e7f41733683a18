"""The WSDLs that administrators have approved."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    op.create_table(
        "wsdl_bundle",
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("source", sa.String(300), nullable=True),
        sa.Column("operations", JSONB, nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("added_by", sa.BigInteger, nullable=True),
        sa.PrimaryKeyConstraint("digest", name="pk_wsdl_bundle"),
        sa.ForeignKeyConstraint(
            ["added_by"], ["staff_user.id"], name="fk_wsdl_bundle_added_by_staff_user"
        ),
    )


def downgrade() -> None:
    op.drop_table("wsdl_bundle")
