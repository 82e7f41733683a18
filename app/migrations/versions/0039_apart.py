"""The hourly look for what was queued and never done reads what is queued."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_service_job_apart", "service_job", ["created_at"],
        postgresql_where=sa.text("state = 'queued' AND taken_by = 0"), if_not_exists=True,
    )  # fmt: skip
    op.create_index(
        "ix_due_moment_queued", "due_moment", ["queued_at"],
        postgresql_where=sa.text("queued_at IS NOT NULL"), if_not_exists=True,
    )  # fmt: skip


def downgrade() -> None:
    op.drop_index("ix_due_moment_queued", "due_moment")
    op.drop_index("ix_service_job_apart", "service_job")
