"""What people did with anything that belongs to no request, accounts among it, is found by what it
is about.

An administrator may have made the index before, without stopping anything: see
``docs/how-to/operator.md``.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

_DEEDS = (
    "('message_dropped', 'message_released', 'message_placed', 'call_dismissed', 'user_reached')"
)


def upgrade() -> None:
    op.create_index(
        "ix_event_subject", "event", ["element", "id"],
        postgresql_where=sa.text("strpos(element, ':') > 0"), if_not_exists=True,
    )  # fmt: skip
    op.drop_index("ix_event_deed", "event", if_exists=True)


def downgrade() -> None:
    op.create_index(
        "ix_event_deed", "event", ["element"], postgresql_where=sa.text(f"kind IN {_DEEDS}")
    )
    op.drop_index("ix_event_subject", "event")
