"""The tasks and jobs of an instance are found by its unique keys, without an index of their own.

Every step writes both tables, and each index of theirs with them.
"""

from __future__ import annotations

from alembic import op

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    op.drop_index("ix_user_task_instance_id", table_name="user_task")
    op.drop_index("ix_service_job_instance_id", table_name="service_job")


def downgrade() -> None:
    op.create_index("ix_service_job_instance_id", "service_job", ["instance_id"])
    op.create_index("ix_user_task_instance_id", "user_task", ["instance_id"])
