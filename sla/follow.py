"""How a clock follows its request: one pure step from what happened to the next ledger."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sla.ledger import Ledger, pause, resume, retarget, start, stop
from sla.policy import Metric


def follow(
    ledger: Ledger | None,
    metric: Metric,
    now: datetime,
    *,
    moments: Collection[str] = (),
    waiting_for: Collection[str] = (),
    priority: str | None = None,
) -> Ledger | None:
    """Return the ledger after one step of the request's process; the same when nothing changed.

    ``moments`` happened in this step (``submitted``, ``left:assess``, ``stage:answer``,
    ``closed``), ``waiting_for`` is true after it (``customer``, ``partner``), and ``priority``
    is the request's own now. A clock that stopped stays stopped. None until the clock starts.
    """
    if ledger is None:
        if not metric.starts_on(moments):
            return None
        ledger = start(now, metric.target(priority), f"priority:{priority or 'normal'}")
    if ledger.phase == "stopped":
        return ledger
    if metric.target(priority) != ledger.target:
        ledger = retarget(ledger, now, metric.target(priority), f"priority:{priority or 'normal'}")
    if metric.stops_on(moments):
        return stop(ledger, now)
    return _pause_or_resume(ledger, metric, now, waiting_for)


def _pause_or_resume(
    ledger: Ledger, metric: Metric, now: datetime, waiting_for: Collection[str]
) -> Ledger:
    stands = metric.pauses_while(waiting_for)
    if stands and ledger.phase == "running":
        return pause(ledger, now, ",".join(f"waits:{one}" for one in sorted(waiting_for)))
    if not stands and ledger.phase == "paused":
        return resume(ledger, now)
    return ledger
