"""Called processes: version tags, what was deployed together, where an element belongs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"

_WITH_ELEMENTS = ("user_task", "timer", "subscription", "service_job", "fault")


def upgrade() -> None:
    op.create_table(
        "deployment",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("deployed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deployed_by", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["deployed_by"], ["staff_user.id"], name=op.f("fk_deployment_deployed_by_staff_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deployment")),
    )
    op.create_table(
        "deployment_file",
        sa.Column("deployment_id", sa.BigInteger(), nullable=False),
        sa.Column("definition_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["deployment_id"],
            ["deployment.id"],
            name=op.f("fk_deployment_file_deployment_id_deployment"),
        ),
        sa.ForeignKeyConstraint(
            ["definition_id"],
            ["process_definition.id"],
            name=op.f("fk_deployment_file_definition_id_process_definition"),
        ),
        sa.PrimaryKeyConstraint("deployment_id", "definition_id", name=op.f("pk_deployment_file")),
    )
    op.create_index(op.f("ix_deployment_file_definition_id"), "deployment_file", ["definition_id"])
    tags = postgresql.ARRAY(sa.String(length=80))
    op.add_column(
        "process_definition",
        sa.Column("version_tags", tags, server_default="{}", nullable=False),
    )
    op.add_column(
        "process_instance",
        sa.Column("called", postgresql.JSONB(), server_default="{}", nullable=False),
    )
    for table in _WITH_ELEMENTS:
        op.add_column(table, sa.Column("called_id", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    for table in _WITH_ELEMENTS:
        op.drop_column(table, "called_id")
    op.drop_column("process_instance", "called")
    op.drop_column("process_definition", "version_tags")
    op.drop_table("deployment_file")
    op.drop_table("deployment")
