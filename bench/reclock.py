"""What a change of the promises costs: the clocks of all open requests, brought to it at once."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime

from sqlalchemy import func, select, text

from app import work
from app.access import TERMINAL
from app.db import session, transaction
from app.models import ServiceRequest, SlaClock
from app.services.casework import customers, requests
from app.services.service_levels import sla_settings, sla_writing
from bench import notes
from bench.figure import Figure
from bench.stage import stage

OPEN = 10_000
SAMPLE = 10

# Copies of a few requests that were really submitted, with all their clocks and due moments.
_REQUESTS = """
    INSERT INTO service_request ({names}, number, tracking_code)
    SELECT {names}, 'B-' || copy || '-' || id, 'B-' || copy || '-' || id
      FROM service_request, generate_series(2, :copies) copy
"""
_CLOCKS = """
    INSERT INTO sla_clock ({names}, request_id)
    SELECT {clock_names}, copy.id FROM service_request copy
      JOIN service_request first ON copy.number LIKE 'B-%-' || first.id
      JOIN sla_clock clock ON clock.request_id = first.id AND clock.task_key IS NULL
"""
_MOMENTS = """
    INSERT INTO due_moment (kind, clock_id, key, due_at)
    SELECT 'sla', clock.id, clock.next_step, clock.next_step_at FROM sla_clock clock
     WHERE clock.next_step IS NOT NULL
       AND NOT EXISTS (SELECT 1 FROM due_moment WHERE clock_id = clock.id)
"""
_OPEN = select(func.count(func.distinct(SlaClock.request_id))).where(SlaClock.state != "stopped")
_LEFT = select(func.count(SlaClock.id)).where(
    SlaClock.state != "stopped", SlaClock.task_key.is_(None), SlaClock.policy_version == 1
)


def measure() -> Iterator[Figure]:
    """``reclock_10k_s``: from a changed policy until every open clock goes by it."""
    with stage() as on, on.app.app_context():
        with transaction():
            _fill()
        with transaction():
            count = session().scalar(_OPEN)
            _change()
        began = time.perf_counter()
        work.reclock("policy", "complaint")
        seconds = time.perf_counter() - began
        with transaction():
            left = session().scalar(_LEFT)
        if count != OPEN or left:
            raise RuntimeError(f"of {count} requests {left} clocks were left behind")
        notes.tell(f"reclock: {count} open requests in {seconds:.1f} s")
    yield Figure("reclock_10k_s", seconds)


def _fill() -> None:
    now = datetime.now(UTC)
    contact = customers.Contact("Maryam", None, "maryam@example.com")
    for _ in range(SAMPLE):
        one = requests.Submission(
            "complaint", "It does not cool", "It was repaired twice.", contact, {"about": "product"}
        )
        requests.submit(one, TERMINAL, now, channel="api", language="en")
    session().flush()
    names = _names(ServiceRequest, "number", "tracking_code")
    clocks = _names(SlaClock, "request_id")
    clock_names = ", ".join(f"clock.{name}" for name in clocks.split(", "))
    run = session().execute
    run(text(_REQUESTS.format(names=names)), {"copies": OPEN // SAMPLE})
    run(text(_CLOCKS.format(names=clocks, clock_names=clock_names)))
    run(text(_MOMENTS))


def _names(model: type[ServiceRequest] | type[SlaClock], *but: str) -> str:
    columns = model.__table__.c.keys()
    return ", ".join(name for name in columns if name not in ("id", *but))


def _change() -> None:
    source = sla_settings.versions("policy", "complaint")[0].source
    longer = source.replace('normal = "P10D"', 'normal = "P12D"').replace('"P5D"', '"P6D"')
    sla_writing.save("policy", "complaint", longer, TERMINAL, datetime.now(UTC))
