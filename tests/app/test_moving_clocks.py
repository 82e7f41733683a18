"""The clocks of an older release go on under the new one, with the time that they had counted."""

from __future__ import annotations

from app import migrate
from tests.app.test_moving_moments import ask
from tests.support.database import Cluster

BEFORE, AFTER = "0010", "0011"

_OLD = """
    INSERT INTO party (kind, name, language, tier, created_at)
    VALUES ('person', 'Maryam', 'fa', 'standard', now());
    INSERT INTO service_request (number, tracking_code, service, kind, subject, description,
        customer_id, contact_name, channel, language, status, priority, data, confidential,
        named_users, created_at, updated_at)
    SELECT 'R-1', 'x', 'complaint', 'complaint', 's', 'd', id, 'Maryam', 'portal', 'fa', 'open',
           'normal', '{}', false, '{}', now(), now() FROM party;
    INSERT INTO sla_clock (request_id, policy, metric, names, calendar, target_seconds, ledger,
                           state, due_at, risk_at, broken_at)
    SELECT id, 'complaint', metric, '{}', 'iran', 14400,
           '[{"kind": "started", "at": "2026-05-02T06:00:00+00:00", "target": 14400.0}]',
           'running', '2026-05-02T10:00:00Z', NULL, noted
      FROM service_request,
           (VALUES ('first_response', '2026-05-02T10:00:05Z'::timestamptz), ('resolution', NULL))
           AS clock (metric, noted);
"""
_CLOCKS = (
    "SELECT metric, calendar, cycle, policy_version, next_step, done FROM sla_clock ORDER BY 1"
)
_MOMENTS = """
    SELECT metric, kind, due_moment.key, due_moment.due_at = sla_clock.due_at
      FROM due_moment JOIN sla_clock ON sla_clock.id = clock_id
"""


def test_clocks_count_on_by_the_first_version_of_their_calendar(cluster: Cluster) -> None:
    url = cluster.create("moving_clocks")
    migrate.upgrade(url, BEFORE)
    ask(url, _OLD)
    migrate.upgrade(url, AFTER)
    noted = {"broken": "2026-05-02T10:00:00.000000+00:00"}
    assert ask(url, _CLOCKS) == [
        ("first_response", "iran@1", 1, 1, None, noted),
        ("resolution", "iran@1", 1, 1, "broken", {}),
    ]
    assert ask(url, _MOMENTS) == [("resolution", "sla", "broken", True)]
    migrate.downgrade(url, BEFORE)
    assert ask(url, "SELECT DISTINCT calendar FROM sla_clock") == [("iran",)]
    assert ask(url, "SELECT count(*) FROM due_moment") == [(0,)]
