"""Time passes faster for what only waits, so that a run lasts as long as its work.

Nobody learns anything while a letter waits ten minutes for its fourth attempt. What is due later
than after some seconds is therefore made due at once, as if that time had passed; rows that
somebody holds are left to the next round.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import psycopg


def hurry(connection: psycopg.Connection[Any], longest: float) -> None:
    """Let no attempt and no resting channel wait longer than so many seconds from now."""
    given = {"longest": timedelta(seconds=longest)}
    for statement in (_TASKS, _LETTERS, _CHANNELS):
        connection.execute(statement.encode(), given)


def bury(connection: psycopg.Connection[Any]) -> None:
    """Let the workers that were just killed count as silent without the wait for it."""
    connection.execute("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 h'")


_LATER = "next_attempt_at > now() + %(longest)s"
# The rows of a task's letters say, too, when they may be tried again.
_TASKS = f"""
    WITH waiting AS (
        UPDATE service_job SET next_attempt_at = now()
         WHERE id IN (SELECT id FROM service_job WHERE state = 'waiting' AND {_LATER}
                       FOR UPDATE SKIP LOCKED)
        RETURNING id)
    UPDATE delivery SET next_attempt_at = now()
     WHERE job_id IN (SELECT id FROM waiting) AND {_LATER}
"""
_LETTERS = f"""
    UPDATE delivery SET next_attempt_at = now()
     WHERE id IN (SELECT id FROM delivery WHERE job_id IS NULL AND state = 'waiting' AND {_LATER}
                   FOR UPDATE SKIP LOCKED)
"""
_CHANNELS = """
    UPDATE channel_state SET open_until = now() WHERE open_until > now() + %(longest)s
"""
