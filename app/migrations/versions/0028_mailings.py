"""Mailings to many customers, their recipients, and who wants none."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _add_mailing()
    _add_recipient()
    op.create_table(
        "mailing_refusal",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("address", sa.String(254), nullable=False),
        sa.Column("since", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_mailing_refusal"),
        sa.UniqueConstraint("kind", "address", name="uq_mailing_refusal_kind_address"),
    )
    op.add_column("delivery", sa.Column("mailing_id", sa.BigInteger()))
    op.create_foreign_key(
        "fk_delivery_mailing_id_mailing", "delivery", "mailing", ["mailing_id"], ["id"]
    )
    _index("ix_delivery_mailing", "delivery", "mailing_id", "state", where="mailing_id IS NOT NULL")
    _index("ix_event_mailing", "event", "element", where="kind = 'mailing_acted'")


def _add_mailing() -> None:
    op.create_table(
        "mailing",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("medium", sa.String(16), nullable=False),
        sa.Column("channel_id", sa.BigInteger()),
        sa.Column("texts", JSONB(), nullable=False),
        sa.Column("fallback", sa.String(8), nullable=False),
        sa.Column("stop_line", sa.Boolean(), nullable=False),
        sa.Column("audience", JSONB(), nullable=False),
        sa.Column("listed", JSONB()),
        sa.Column("per_minute", sa.Integer()),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("starts_at", _INSTANT),
        sa.Column("next_at", _INSTANT),
        sa.Column("tokens", sa.Float()),
        sa.Column("counted_at", _INSTANT),
        sa.Column("created_by", sa.BigInteger()),
        sa.Column("released_by", sa.BigInteger()),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("updated_at", _INSTANT, nullable=False),
        sa.Column("started_at", _INSTANT),
        sa.Column("ended_at", _INSTANT),
        sa.PrimaryKeyConstraint("id", name="pk_mailing"),
        _key("mailing", "channel_id", "channel"),
        _key("mailing", "created_by", "staff_user"),
        _key("mailing", "released_by", "staff_user"),
    )
    op.create_index("ix_mailing_channel_id", "mailing", ["channel_id"])
    _index("ix_mailing_next", "mailing", "next_at", where="next_at IS NOT NULL")


def _add_recipient() -> None:
    table = "mailing_recipient"
    op.create_table(
        table,
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("mailing_id", sa.BigInteger(), nullable=False),
        sa.Column("party_id", sa.BigInteger()),
        sa.Column("address", sa.String(254)),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("facts", JSONB(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("reason", sa.String(32)),
        sa.Column("delivery_id", sa.BigInteger()),
        sa.PrimaryKeyConstraint("id", name="pk_mailing_recipient"),
        sa.UniqueConstraint(
            "mailing_id", "address", name="uq_mailing_recipient_mailing_id_address"
        ),
        _key(table, "mailing_id", "mailing"),
        _key(table, "party_id", "party"),
        _key(table, "delivery_id", "delivery"),
    )
    _index(f"ix_{table}_waiting", table, "mailing_id", "id", where="state = 'waiting'")
    for name in ("party_id", "delivery_id"):
        _index(f"ix_{table}_{name}", table, name, where=f"{name} IS NOT NULL")


def _key(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=f"fk_{table}_{column}_{other}")


def _index(name: str, table: str, *columns: str, where: str) -> None:
    op.create_index(name, table, columns, postgresql_where=sa.text(where))


def downgrade() -> None:
    op.drop_index("ix_event_mailing", "event")
    op.drop_index("ix_delivery_mailing", "delivery")
    op.drop_constraint("fk_delivery_mailing_id_mailing", "delivery", type_="foreignkey")
    op.drop_table("mailing_recipient")
    op.drop_column("delivery", "mailing_id")
    op.drop_table("mailing_refusal")
    op.drop_table("mailing")
