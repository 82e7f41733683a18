"""Assets, problems with their incidents, and what requests turned out to be about."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"

_MOMENT = sa.DateTime(timezone=True)
_NAMES = postgresql.JSONB(astext_type=sa.Text())


def upgrade() -> None:
    for name in ("asset_number", "problem_number"):
        op.execute(sa.schema.CreateSequence(sa.Sequence(name, start=1)))
    _create_assets()
    _create_problems()
    op.create_table(
        "request_topic",
        sa.Column("request_id", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("topic", sa.String(80)),
        sa.Column("asset_id", sa.BigInteger()),
        _to("service_request", "request_topic", "request_id", ondelete="CASCADE"),
        _to("asset", "request_topic", "asset_id"),
    )
    _index("request_topic", "topic", "asset_id")


def _create_assets() -> None:
    op.create_table(
        "asset",
        sa.Column("id", sa.BigInteger(), sa.Identity(), primary_key=True),
        sa.Column("number", sa.String(20), nullable=False),
        sa.Column("names", _NAMES, nullable=False),
        sa.Column("service", sa.String(80), nullable=False),
        sa.Column("criticality", sa.String(16), nullable=False),
        sa.Column("owner_id", sa.BigInteger()),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.UniqueConstraint("number", name=op.f("uq_asset_number")),
        _to("party", "asset", "owner_id"),
    )
    _index("asset", "service", "owner_id")


def _create_problems() -> None:
    op.create_table(
        "problem",
        sa.Column("id", sa.BigInteger(), sa.Identity(), primary_key=True),
        sa.Column("number", sa.String(20), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("titles", _NAMES, nullable=False),
        sa.Column("known_error", _NAMES, nullable=False),
        sa.Column("workaround", _NAMES, nullable=False),
        sa.Column("topic", sa.String(80)),
        sa.Column("asset_id", sa.BigInteger()),
        sa.Column("created_by", sa.BigInteger()),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("updated_at", _MOMENT, nullable=False),
        sa.Column("closed_at", _MOMENT),
        sa.UniqueConstraint("number", name=op.f("uq_problem_number")),
        _to("asset", "problem", "asset_id"),
        _to("staff_user", "problem", "created_by"),
    )
    _index("problem", "status", "topic", "asset_id")
    op.create_table(
        "problem_incident",
        sa.Column("id", sa.BigInteger(), sa.Identity(), primary_key=True),
        sa.Column("problem_id", sa.BigInteger(), nullable=False),
        sa.Column("request_id", sa.BigInteger(), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.UniqueConstraint("problem_id", "request_id"),
        _to("problem", "problem_incident", "problem_id", ondelete="CASCADE"),
        _to("service_request", "problem_incident", "request_id", ondelete="CASCADE"),
    )
    _index("problem_incident", "request_id")


def _to(
    other: str, table: str, column: str, ondelete: str | None = None
) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_{other}")
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=name, ondelete=ondelete)


def _index(table: str, *columns: str) -> None:
    for column in columns:
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column])


def downgrade() -> None:
    for table in ("request_topic", "problem_incident", "problem", "asset"):
        op.drop_table(table)
    for name in ("problem_number", "asset_number"):
        op.execute(sa.schema.DropSequence(sa.Sequence(name)))
