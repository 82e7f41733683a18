"""What came in, made whole: raw mails that go, proofs of senders, calls without a request, notes on
addresses, copies of parts, and what of unknown end is asked after."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

_AT = sa.DateTime(timezone=True)
_INDEXES = [
    ("ix_event_contact", "event", ["element"], "kind IN ('contact_barred', 'contact_allowed')"),
    ("ix_inbound_message_new", "inbound_message", ["channel_id", "received_at"],
     "state IN ('opened', 'triage')"),
    ("ix_inbound_message_raw", "inbound_message", ["received_at"], "raw IS NOT NULL"),
    ("ix_phone_call_unplaced", "phone_call", ["id"], "request_id IS NULL AND decided_at IS NULL"),
]  # fmt: skip
_DECIDED_BY = "fk_phone_call_decided_by_staff_user"


def upgrade() -> None:
    for table, column in _new():
        op.add_column(table, column)
    op.create_foreign_key(op.f(_DECIDED_BY), "phone_call", "staff_user", ["decided_by"], ["id"])
    for name, table, names, where in _INDEXES:
        op.create_index(name, table, names, postgresql_where=sa.text(where))
    _retry("state IN ('waiting', 'unknown')")


def downgrade() -> None:
    _retry("state = 'waiting'")
    for name, table, *_ in _INDEXES:
        op.drop_index(name, table)
    op.drop_constraint(op.f(_DECIDED_BY), "phone_call", type_="foreignkey")
    for table, column in _new():
        op.drop_column(table, column.name)


def _new() -> list[tuple[str, sa.Column[Any]]]:
    note = sa.Column("note", sa.String(300), nullable=False, server_default="")
    proof = sa.Column("proof", sa.String(8), nullable=False, server_default="")
    return [
        ("channel_state", sa.Column("looked_at", _AT)),
        ("no_contact", note),
        ("inbound_part", sa.Column("taken_at", _AT)),
        ("inbound_message", sa.Column("raw_gone_at", _AT)),
        ("inbound_message", proof),
        ("phone_call", sa.Column("decided_by", sa.BigInteger)),
        ("phone_call", sa.Column("decided_at", _AT)),
        ("phone_call", sa.Column("dismissed", sa.String(300))),
    ]


def _retry(where: str) -> None:
    op.drop_index("ix_delivery_retry", "delivery")
    op.create_index(
        "ix_delivery_retry", "delivery", ["next_attempt_at"], postgresql_where=sa.text(where)
    )
