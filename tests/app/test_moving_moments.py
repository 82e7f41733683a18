"""What waited under an older release still comes due, at its own instant."""

from __future__ import annotations

from typing import Any

from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from app import migrate
from tests.support.database import Cluster

BEFORE, AFTER = "0008", "0009"

_OLD = """
    INSERT INTO process_definition (kind, key, version, sha256, names, decisions, filename,
                                    source, shipped, deployed_at)
    VALUES ('bpmn', 'p', 1, 'x', '{}', '{}', 'p.bpmn', '', false, now());
    INSERT INTO process_instance (definition_id, decisions, status, state, engine_version,
                                  revision, tokens, has_fault, started_at)
    SELECT id, '{}', 'active', '', '1', 1, '{}', false, now() FROM process_definition;
    INSERT INTO timer (id, instance_id, key, element, called_id, due_at, queued_at)
    SELECT 41, id, 'k', 'late', 7, '2026-05-01Z', '2026-05-01Z' FROM process_instance;
    INSERT INTO start_subscription (definition_id, element, kind, name, due_at, every, turns_left)
    SELECT id, 's', 'timer', NULL, '2026-06-01Z'::timestamptz, 'P1D', 3 FROM process_definition
    UNION ALL SELECT id, 'm', 'message', 'mail', NULL, NULL, NULL FROM process_definition;
    INSERT INTO procrastinate_jobs (queue_name, task_name, args)
    VALUES ('default', 'fire_timer', '{"timer_id": 41}'), ('default', 'send_delivery', '{}');
"""
_MOMENTS = """
    SELECT kind, key, element, called_id, due_at = '2026-05-01Z', queued_at IS NULL, id > 40
      FROM due_moment ORDER BY due_at
"""
_TIMERS = "SELECT key, element, called_id, due_at = '2026-05-01Z' FROM timer"
_STARTS = "SELECT element, due_at = '2026-06-01Z', every FROM start_subscription ORDER BY id"


def ask(url: str, query: str) -> list[tuple[Any, ...]]:
    with create_engine(url, poolclass=NullPool).begin() as connection:
        result = connection.execute(text(query))
        return [tuple(row) for row in result] if result.returns_rows else []


def test_timers_and_starts_move_to_the_one_table_and_back(cluster: Cluster) -> None:
    url = cluster.create("moving")
    migrate.upgrade(url, BEFORE)
    ask(url, _OLD)
    migrate.upgrade(url, AFTER)
    timer = ("timer", "k", "late", 7, True, True, True)
    assert ask(url, _MOMENTS) == [timer, ("start", "s", "s", None, False, True, True)]
    assert ask(url, "SELECT task_name FROM procrastinate_jobs") == [("send_delivery",)]
    migrate.downgrade(url, BEFORE)
    assert ask(url, _TIMERS) == [("k", "late", 7, True)]
    assert ask(url, _STARTS) == [("s", True, "P1D"), ("m", None, None)]
