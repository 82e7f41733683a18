"""Workers hear only of service tasks that still wait when their transaction ends."""

from __future__ import annotations

from alembic import op

revision = "0018"
down_revision = "0017"

_STILL_WAITS = """
    CREATE OR REPLACE FUNCTION peygir_announce_service_job() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF EXISTS (SELECT 1 FROM service_job
                    WHERE id = NEW.id AND state = 'queued' AND taken_by IS NULL) THEN
            PERFORM pg_notify('peygir_service_job', '');
        END IF;
        RETURN NULL;
    END $$
"""
_AT_THE_END = """
    CREATE CONSTRAINT TRIGGER announce_new AFTER INSERT ON service_job
      DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
      WHEN (NEW.state = 'queued' AND NEW.taken_by IS NULL)
      EXECUTE FUNCTION peygir_announce_service_job()
"""
_EACH = """
    CREATE OR REPLACE FUNCTION peygir_announce_service_job() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM pg_notify('peygir_service_job', '');
        RETURN NULL;
    END $$
"""
_AT_ONCE = """
    CREATE TRIGGER announce_new AFTER INSERT ON service_job FOR EACH ROW
      WHEN (NEW.state = 'queued' AND NEW.taken_by IS NULL)
      EXECUTE FUNCTION peygir_announce_service_job()
"""
_DROP = "DROP TRIGGER announce_new ON service_job"


def upgrade() -> None:
    for statement in (_DROP, _STILL_WAITS, _AT_THE_END):
        op.execute(statement)


def downgrade() -> None:
    for statement in (_DROP, _EACH, _AT_ONCE):
        op.execute(statement)
