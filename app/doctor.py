"""``peygir doctor``: looks for what is wrong in an installation, and says it in plain words."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Literal

from flask import Flask
from sqlalchemy import func, select, text

import bpmn
from app import clock_now, migrate
from app.access import TERMINAL
from app.clock import LEADER_LOCK
from app.config import Settings
from app.db import session, snapshot, transaction
from app.doctor_received import check_received
from app.errors import PeygirError
from app.finding import Finding, Findings
from app.models import Fault, Mailing, ProcessInstance, ServiceRequest, SlaClock
from app.services.execution import agreement, moments, processes, taking
from app.services.sending import channel_gate, channels, doubtful, given_up, keys, probing
from app.services.service_levels import working_time
from app.worker import NAME, SILENCE

LATE = timedelta(minutes=2)
"""A due moment that still waits after this long means that nobody looks."""

AHEAD = timedelta(days=180)
"""How long before the known holidays end it is worth a word."""

OLDEST_POSTGRESQL = 15

BATCH = 100
"""How many instances are read at one instant."""


def examine(app: Flask, say: Callable[[str], object], *, repair: bool = False) -> int:
    """Says what is right and what is not, one line each; the exit code (1: a problem).

    With ``repair`` the tables of each instance that tell another story than the engine's state
    are told anew, each in a transaction of its own.
    """
    settings: Settings = app.extensions["peygir.settings"]
    problems = 0
    for finding in _look(settings):
        say(f"{finding.state:<8} {finding.text}")
        mended = repair and finding.instance_id is not None and _repair(finding.instance_id)
        if mended:
            say(f"repaired instance {finding.instance_id}")
        problems += finding.state == "problem" and not mended
    return int(problems > 0)


def _repair(instance_id: int) -> bool:
    """Tell the tables of one instance anew; false when its state cannot be read."""
    try:
        with transaction():
            agreement.rebuild(instance_id, TERMINAL, clock_now())
    except bpmn.WrongState:
        return False
    return True


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
    yield from check_deliveries(settings)
    yield from check_mailings()
    yield from check_channels()
    yield from check_received(clock_now())
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
    .limit(BATCH)
)


def check_deliveries(settings: Settings) -> Findings:
    """Letters go out, and neither they nor calls stand given up."""
    yield check_way_of_letters(settings)
    # Those of a mailing stand in its report.
    letters, calls = given_up.count(clock_now())
    how = "retry, skip or cancel their faults"
    if letters:
        told = f"letters and texts that could not be delivered: {letters}"
        yield Finding("problem", f"{told}; {how}, others are told of for a week")
    if calls:
        yield Finding("problem", f"calls of partners that were given up: {calls}; {how}")
    if not letters and not calls:
        yield Finding("ok", "no letter and no call was given up")
    if number := doubtful.count(TERMINAL):
        told = "messages of which nobody knows whether they arrived, to be decided"
        yield Finding("problem", f"{told} (/deliveries/doubtful): {number}")


def check_mailings() -> Findings:
    """No mailing waits for a worker that does not come, or crashes at it."""
    late = clock_now() - MAILING_LATE
    waiting = select(func.count()).where(Mailing.next_at < late)
    if number := session().scalar(waiting):
        yield Finding("problem", f"mailings that do not go on though their time has come: {number}")


MAILING_LATE = timedelta(minutes=2)


def check_way_of_letters(settings: Settings) -> Finding:
    """The way that letters take can be gone: the server of mail answers."""
    way = channels.default_of("email")
    if way is None and settings.smtp_url is None:
        return Finding("note", f"no SMTP server is set; letters go to {settings.outbox}")
    name = f"the channel {way.key}" if way else "PEYGIR_SMTP_URL"
    probed = probing.probe(way.key, "en") if way else probing.probe_mail(settings)
    state: Literal["ok", "problem"] = "ok" if probed.worked else "problem"
    return Finding(state, f"letters go out by {name}: {probed.words}")


def _ends(opened: channels.Opened) -> Findings:
    """Certificates that end within a month, or have ended."""
    now = clock_now()
    for one in opened.connector.ends(opened.options):
        told = f"channel {opened.way.key}: {one.option} "
        if one.at <= now:
            yield Finding("problem", f"{told}has ended on {one.at:%Y-%m-%d}")
        elif one.at <= now + CERTIFICATES:
            days = (one.at - now).days
            yield Finding("note", f"{told}ends on {one.at:%Y-%m-%d}, in {days} days")


CERTIFICATES = timedelta(days=30)
"""How long before their end certificates are told of."""


def check_channels() -> Findings:
    """Every channel that is on can be used: its kind is there and its secrets can be read."""
    states, ways = channel_gate.states(), [one for one in channels.all_ways() if one.enabled]
    for way in ways:
        try:
            yield from _ends(channels.open_(way))
        except PeygirError as error:
            yield Finding("problem", f"channel {way.key}: {error.message('en')}")
        except Exception as error:  # noqa: BLE001  # A stranger's kind may raise anything.
            yield Finding("problem", f"channel {way.key}: its kind failed: {type(error).__name__}")
        state = states.get(way.id)
        if state is not None and state.open_until is not None:
            until = state.open_until.isoformat(timespec="seconds")
            yield Finding("note", f"channel {way.key} failed and is left alone until {until}")
    if ways:
        yield Finding("ok", f"channels that are on: {len(ways)}")


def check_processes() -> Findings:
    """What the tables say of each instance is what the engine's state says."""
    count, wrong = 0, 0
    for instance_id, told in _compared():
        count += 1
        if told:
            wrong += 1
            yield Finding("problem", f"instance {instance_id}: {told}", instance_id)
    if not wrong:
        yield Finding("ok", f"open instances agree with the engine: {count}")
    faults = session().scalar(select(func.count()).where(Fault.resolved_at.is_(None))) or 0
    if faults:
        yield Finding("note", f"faults that wait for a person: {faults}")


def _compared() -> Iterator[tuple[int, str]]:
    """Each open instance, and those ended ones that left something behind, with what differs.

    A batch is read as it stood at one instant, without locks, so that nothing that happens
    meanwhile looks like a difference and nobody waits.
    """
    last = 0
    while True:
        with snapshot():
            batch = [(one.id, _told(one)) for one in agreement.open_after(last, BATCH)]
        if not batch:
            break
        yield from batch
        last = batch[-1][0]
    with snapshot():
        ended = [(one, _told(processes.find(one))) for one in agreement.left_behind(BATCH)]
    yield from ended


def _told(instance: ProcessInstance) -> str:
    """What differs between the tables and the state of one instance, or nothing."""
    try:
        different = agreement.compare(instance)
    except bpmn.WrongState as error:
        return f"its state cannot be read: {error}"
    by_table: dict[str, list[str]] = {}
    for one in different:
        by_table.setdefault(one.table, []).append(str(one).removeprefix(f"{one.table} "))
    told = "; ".join(f"{table} ({', '.join(parts)})" for table, parts in by_table.items())
    return f"tables and engine disagree on {told}" if told else ""


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
