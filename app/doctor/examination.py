"""One look at everything in an installation that may be wrong."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from datetime import timedelta
from typing import Literal

from flask import Flask
from sqlalchemy import func, select, text

from app import clock_now, migrate
from app.clock import LEADER_LOCK
from app.config import Settings
from app.db import session
from app.doctor.processes import check_processes, repair_instance
from app.doctor.received import check_received
from app.doctor.sent import check_channels, check_deliveries, check_kinds, check_mailings
from app.finding import Finding, Findings
from app.job_queue import NAME
from app.models import ServiceRequest, SlaClock
from app.rescue import SILENCE
from app.services.execution import moments, taking
from app.services.sending import keys
from app.services.service_levels import working_time

LATE = timedelta(minutes=2)
"""A due moment that still waits after this long means that nobody looks."""

AHEAD = timedelta(days=180)
"""How long before the known holidays end it is worth a word."""

OLDEST_POSTGRESQL = 15

MOST_METRICS = 100
"""How many metrics with clocks that cannot be counted are told of."""


def examine(app: Flask, say: Callable[[str], object], *, repair: bool = False) -> int:
    """Says what is right and what is not, one line each; the exit code (1: a problem).

    With ``repair`` the tables of each instance that tell another story than the engine's state
    are told anew, each in a transaction of its own.
    """
    settings: Settings = app.extensions["peygir.settings"]
    problems = 0
    for finding in _look(settings):
        say(f"{finding.state:<8} {finding.text}")
        sick = finding.instance_id if repair else None
        mended = sick is not None and repair_instance(sick, clock_now())
        if mended:
            say(f"repaired instance {sick}")
        problems += finding.state == "problem" and not mended
    return int(problems > 0)


def _look(settings: Settings) -> Findings:
    yield from check_files(settings)
    yield from check_calendar()
    yield from check_tables()
    if migrate.current(session().connection()) != migrate.head():
        return
    yield from check_parts()
    yield from check_jobs()
    yield from check_moments()
    yield from check_clocks()
    now = clock_now()
    yield from check_deliveries(settings, now)
    yield from check_mailings(now)
    yield from check_kinds()
    yield from check_channels(now)
    yield from check_received(now)
    yield from check_processes()


def check_files(settings: Settings) -> Findings:
    """The data folder takes files, and nobody else reads the secrets in it."""
    if os.access(settings.data, os.W_OK | os.X_OK):
        yield Finding("ok", f"the data folder {settings.data} can be written")
    else:
        yield Finding("problem", f"the data folder {settings.data} cannot be written")
    for name in ("secret", keys.FILE, "demo-logins.txt"):
        path = settings.data / name
        if path.exists() and stat.S_IMODE(path.stat().st_mode) & 0o077:
            yield Finding("problem", f"others can read {path}; run: chmod 600 {path}")


def check_calendar() -> Findings:
    """The moving holidays of the organisation's calendar are known for a good while."""
    calendar, today = working_time.calendar(), clock_now().date()
    last = calendar.known_until
    if last is None or last > today + AHEAD:
        yield Finding("ok", f"the calendar {calendar.key} knows its holidays")
    else:
        state: Literal["problem", "note"] = "problem" if last < today else "note"
        yield Finding(
            state,
            f"the calendar {calendar.key} knows moving holidays until {last} only; later "
            "promises may come due too early, so install a newer release",
        )


def check_tables() -> Findings:
    """The database answers, is new enough, and has the shape of this release."""
    connection = session().connection()
    version = int(connection.scalar(text("SHOW server_version_num")) or 0) // 10000
    old = version < OLDEST_POSTGRESQL
    yield Finding("problem" if old else "ok", f"the database answers; it is PostgreSQL {version}")
    current, head = migrate.current(connection), migrate.head()
    if current != head:
        yield Finding("problem", f"the tables are at {current}, not {head}; run: peygir migrate")
    elif not migrate.has_job_queue(connection):
        yield Finding("problem", "the job queue has no tables; run: peygir migrate")
    else:
        yield Finding("ok", f"the tables are those of this release ({head})")


def check_parts() -> Findings:
    """A worker lives and a clock ticks."""
    workers = session().scalar(_LIVING_WORKERS, {"silence": SILENCE, "name": NAME}) or 0
    if workers:
        yield Finding("ok", f"workers alive: {workers}")
    else:
        yield Finding("problem", "no worker is alive; start `peygir run` or `peygir worker`")
    if session().scalar(_CLOCK_LOCK, {"key": LEADER_LOCK}):
        yield Finding("ok", "a clock ticks")
    else:
        yield Finding("problem", "no clock ticks; start `peygir run` or `peygir clock`")


def check_jobs() -> Findings:
    """Jobs get done: none was given up, none waits for long."""
    failed = session().scalar(text(_FAILED_JOBS)) or 0
    if failed:
        yield Finding("problem", f"jobs given up: {failed}; the worker's log says why")
    waiting = session().scalar(text(_WAITING_JOBS), {"late": LATE}) or 0
    waiting += taking.count_waiting(clock_now() - LATE)
    if waiting:
        yield Finding("problem", f"jobs that nobody takes up: {waiting}")
    if not failed and not waiting:
        yield Finding("ok", "all jobs get done")


def check_moments() -> Findings:
    """Every due moment became a job, and every job of a moment is still there."""
    overdue = moments.count_missed(clock_now() - LATE)
    if overdue:
        yield Finding("problem", f"moments that are due and not done: {overdue}")
    lost = session().scalar(_LOST_MOMENTS, {"tasks": list(moments.TASKS.values())}) or 0
    if lost:
        yield Finding("problem", f"due moments whose job is gone: {lost}")
    if not overdue and not lost:
        yield Finding("ok", "no due moment was missed")


def check_clocks() -> Findings:
    """Every clock that runs is due some day."""
    found = session().execute(_UNCOUNTABLE).all()
    for count, metric, calendar, number in found:
        told = f"clocks of “{metric}” that calendar {calendar} never brings to an end: {count}"
        yield Finding("problem", f"{told}, {number} among them" if number else told)
    if not found:
        yield Finding("ok", "every clock that runs can be counted")


_UNCOUNTABLE = (
    select(func.count(), SlaClock.metric, SlaClock.calendar, func.min(ServiceRequest.number))
    .outerjoin(ServiceRequest, ServiceRequest.id == SlaClock.request_id)
    .where(SlaClock.state == "running", SlaClock.due_at.is_(None))
    .group_by(SlaClock.metric, SlaClock.calendar)
    .order_by(SlaClock.metric, SlaClock.calendar)
    .limit(MOST_METRICS)
)


# A killed worker's last heartbeat looks alive for a while, but its connection is gone at once; a
# worker on a machine that vanished keeps its connection for a while, but is silent.
_LIVING_WORKERS = text("""
    SELECT least(
        (SELECT count(*) FROM procrastinate_workers
          WHERE last_heartbeat > now() - make_interval(secs => :silence)),
        (SELECT count(DISTINCT application_name) FROM pg_stat_activity
          WHERE datname = current_database() AND starts_with(application_name, :name)))
""")
_CLOCK_LOCK = text("""
    SELECT EXISTS (SELECT 1 FROM pg_locks
                    WHERE locktype = 'advisory' AND granted AND objsubid = 1
                      AND classid = 0 AND objid = :key AND database = (
                          SELECT oid FROM pg_database WHERE datname = current_database()))
""")
_FAILED_JOBS = "SELECT count(*) FROM procrastinate_jobs WHERE status IN ('failed', 'aborted')"
_WAITING_JOBS = """
    SELECT count(*) FROM procrastinate_jobs job
     WHERE status = 'todo' AND COALESCE(scheduled_at, '-infinity') < now() - :late
       AND NOT EXISTS (SELECT 1 FROM procrastinate_events event
                        WHERE event.job_id = job.id AND event.at > now() - :late)
"""
_LOST_MOMENTS = text("""
    SELECT count(*) FROM due_moment
     WHERE queued_at IS NOT NULL
       AND (SELECT suspended_at FROM process_instance WHERE id = instance_id) IS NULL
       AND NOT EXISTS (SELECT 1 FROM procrastinate_jobs job
                        WHERE job.task_name = ANY (:tasks) AND job.status IN ('todo', 'doing')
                          AND (job.args ->> 'moment_id')::bigint = due_moment.id)
""")
