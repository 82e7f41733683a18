"""Whom a text message of a number answers is found among millions of deliveries and requests."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_delivery_sms", "delivery", ["recipient", "created_at"],
        postgresql_where=sa.text("channel = 'sms'"),
    )  # fmt: skip
    op.create_index(
        "ix_service_request_phone", "service_request", ["contact_phone"],
        postgresql_where=sa.text("contact_phone IS NOT NULL AND status <> 'closed'"),
    )  # fmt: skip


def downgrade() -> None:
    op.drop_index("ix_service_request_phone", "service_request")
    op.drop_index("ix_delivery_sms", "delivery")
