"""Lists, counts and the hourly tidying read no more of messages and calls than they show or forget.

An administrator may have made these indexes before, without stopping anything: see
``docs/how-to/operator.md``.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

_NEWEST = "id DESC NULLS LAST"
_OPEN = "request_id IS NULL AND decided_at IS NULL"
_NEW = (
    ("ix_delivery_of_mailing", "delivery", ("mailing_id", "state", _NEWEST),
     "mailing_id IS NOT NULL"),
    ("ix_delivery_own", "delivery", ("state", _NEWEST), "mailing_id IS NULL"),
    ("ix_delivery_doubtful", "delivery", (_NEWEST,),
     "state = 'unknown' AND next_attempt_at IS NULL AND job_id IS NULL"),
    ("ix_delivery_unsent", "delivery", ("created_at",),
     "job_id IS NULL AND state IN ('queued', 'sending')"),
    ("ix_inbound_message_of_state", "inbound_message", ("state", _NEWEST), None),
    ("ix_partner_call_listed", "partner_call", ("state", _NEWEST), "state <> 'heard'"),
    ("ix_partner_call_old", "partner_call", ("state", "received_at"), None),
    ("ix_partner_call_channel", "partner_call", ("channel_id", _NEWEST), None),
    ("ix_phone_call_open", "phone_call", (_NEWEST,), _OPEN),
    ("ix_phone_call_dismissed", "phone_call", (_NEWEST,), "dismissed IS NOT NULL"),
)  # fmt: skip
_OLD = (
    ("ix_delivery_mailing", "delivery", ("mailing_id", "state"), "mailing_id IS NOT NULL"),
    ("ix_inbound_message_state", "inbound_message", ("state", "id"), None),
    ("ix_partner_call_waiting", "partner_call", ("id",), "state <> 'heard'"),
    ("ix_phone_call_unplaced", "phone_call", ("id",), _OPEN),
)


def upgrade() -> None:
    for one in _NEW:
        _make(*one)
    for name, table, *_rest in _OLD:
        op.drop_index(name, table)


def downgrade() -> None:
    for one in _OLD:
        _make(*one)
    for name, table, *_rest in reversed(_NEW):
        op.drop_index(name, table)


def _make(name: str, table: str, columns: tuple[str, ...], where: str | None) -> None:
    condition = sa.text(where) if where else None
    parts = [sa.text(one) if one == _NEWEST else one for one in columns]
    op.create_index(name, table, parts, postgresql_where=condition, if_not_exists=True)
