"""The heartbeat: calls one function again and again, and keeps nothing in between."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from threading import Event

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

_log = logging.getLogger(__name__)


def run_ticker(tick: Callable[[], None], every_seconds: float, stop_event: Event) -> None:
    """Call ``tick`` at once and then every so many seconds, until ``stop_event`` is set.

    Ticks never overlap: one that takes too long makes the next ones one. A tick that fails is
    logged and the next one comes as usual. Returns when the last tick has ended.
    """
    scheduler = BackgroundScheduler(timezone=UTC, executors={"default": ThreadPoolExecutor(1)})
    scheduler.add_job(
        _logged(tick),
        "interval",
        seconds=every_seconds,
        coalesce=True,
        max_instances=1,
        misfire_grace_time=None,
        next_run_time=datetime.now(UTC),
    )
    scheduler.start()
    try:
        stop_event.wait()
    finally:
        scheduler.shutdown(wait=True)


def _logged(tick: Callable[[], None]) -> Callable[[], None]:
    def run() -> None:
        try:
            tick()
        except Exception:  # noqa: BLE001  # The edge of a job: one failure must not end the clock.
            _log.exception("A tick of the clock failed; the next one comes as usual")

    return run
