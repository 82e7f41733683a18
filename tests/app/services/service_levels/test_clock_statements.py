"""Due moments of clocks are moved, made and taken away, however many a step touches."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db import run
from app.models import DueMoment, SlaClock
from app.objects import made
from app.saving import append, values_of
from app.services.service_levels.clock_rows import Changes
from tests.app.services.story import submit
from tests.support.clock import MovingClock

_MOMENTS = select(DueMoment.clock_id, DueMoment.key, DueMoment.due_at, DueMoment.queued_at).where(
    DueMoment.clock_id.is_not(None)
)


def _clock(request_id: int, metric: str) -> SlaClock:
    facts = {
        "request_id": request_id, "policy": "complaint", "policy_version": 1, "metric": metric,
        "cycle": 1, "names": {}, "rule": {}, "done": {}, "ledger": [], "state": "running",
        "target_seconds": 60, "calendar": "iran@1",
    }  # fmt: skip
    found: SlaClock = made(SlaClock, facts)
    return found


@pytest.mark.parametrize("count", [1, 2, 4, 5, 7])
def test_each_clock_has_the_moment_that_was_planned_last(
    session: Session, clock: MovingClock, count: int
) -> None:
    request_id = submit(clock()).id
    before = set(run(_MOMENTS).all())
    metrics = [f"m{number}" for number in range(3 * count)]
    ids = append(SlaClock, [values_of(_clock(request_id, metric)) for metric in metrics])
    moved, begun, gone = ids[:count], ids[count : 2 * count], ids[2 * count :]
    append(DueMoment, [
        {"kind": "ladder", "clock_id": one, "key": "first", "due_at": clock(), "queued_at": clock()}
        for one in (*moved, *gone)
    ])  # fmt: skip
    changes, later = Changes(clock()), clock() + timedelta(hours=1)
    for one, metric in zip(ids[: 2 * count], metrics, strict=False):
        facts = {"metric": metric, "cycle": 1, "task_key": None, "request_id": request_id}
        at = {"clock_id": one, "key": "next", "due_at": later.isoformat()}
        changes.planned[(one, metric, 1, None)] = {**facts, **at}
    changes.dropped.extend([*gone, gone[0], moved[0]])
    changes.write()
    expected = {(one, "next", later, None) for one in (*moved, *begun)}
    assert set(run(_MOMENTS).all()) - before == expected
