"""Service tasks are taken by the workers themselves."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

# What is queued has a job in the queue, which goes on doing it.
_HAVE_JOBS = "UPDATE service_job SET taken_by = 0 WHERE state = 'queued'"
_FUNCTION = """
    CREATE FUNCTION peygir_announce_service_job() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM pg_notify('peygir_service_job', '');
        RETURN NULL;
    END $$
"""
_ON_INSERT = """
    CREATE TRIGGER announce_new AFTER INSERT ON service_job FOR EACH ROW
      WHEN (NEW.state = 'queued' AND NEW.taken_by IS NULL)
      EXECUTE FUNCTION peygir_announce_service_job()
"""
_ON_UPDATE = """
    CREATE TRIGGER announce_again AFTER UPDATE OF state, taken_by ON service_job FOR EACH ROW
      WHEN (NEW.state = 'queued' AND NEW.taken_by IS NULL)
      EXECUTE FUNCTION peygir_announce_service_job()
"""
# No job of the queue is there for those that a worker would have taken; the hourly tidying
# makes one.
_DROP = """
    DROP TRIGGER announce_again ON service_job;
    DROP TRIGGER announce_new ON service_job;
    DROP FUNCTION peygir_announce_service_job()
"""


def upgrade() -> None:
    op.add_column("service_job", sa.Column("taken_by", sa.BigInteger(), nullable=True))
    op.execute(_HAVE_JOBS)
    op.create_index(
        "ix_service_job_untaken",
        "service_job",
        ["id"],
        postgresql_where=sa.text("state = 'queued' AND taken_by IS NULL"),
    )
    for statement in (_FUNCTION, _ON_INSERT, _ON_UPDATE):
        op.execute(statement)


def downgrade() -> None:
    op.execute(_DROP)
    op.drop_index("ix_service_job_untaken", table_name="service_job")
    op.drop_column("service_job", "taken_by")
