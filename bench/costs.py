"""``python -m bench.costs [COMPLAINTS] [--sql]``: what one complaint costs, part by part.

Rates need an idle machine; the processor's time does not. So here each kind of request is made
for all complaints in turn, the worker stopped meanwhile, then the worker alone does what is
due. Printed are milliseconds of processor time for one complaint, of the web server, the worker
and PostgreSQL, and the same for as many requests to the floor. With ``--sql`` it is the
statements that PostgreSQL logs instead.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import psutil
import psycopg

from bench.case import Case, Desk
from bench.client import Client, call_floor, clients
from bench.complaints import submission
from bench.floor import ROWS
from bench.stage import Stage, stage, web, worker
from bench.statements import STATEMENT

WARM_UP = 12
PATIENCE = 120
"""Seconds that the worker has for all that is due after one kind of request."""
PARTS = ("web", "worker", "postgres")

Numbers = dict[str, float]


@dataclass
class Meter:
    """Reads what has been used up so far by the web server, the worker and PostgreSQL."""

    on: Stage
    web: int
    worker: int
    database: int
    sql: bool

    def read(self) -> Numbers:
        """Seconds of processor time, or statements, since each began."""
        if self.sql:
            told = self.on.log.read_text("utf-8", "replace")
            return {"web": 0, "worker": 0, "postgres": len(STATEMENT.findall(told))}
        return dict(zip(PARTS, map(_used, (self.web, self.worker, self.database)), strict=True))


def _postmaster(on: Stage) -> int:
    with psycopg.connect(on.settings.conninfo) as connection:
        parent = psutil.Process(connection.info.backend_pid).ppid()
        return int(parent)


def _used(pid: int) -> float:
    """Processor seconds of a process and all its children, the ended ones too."""
    root = psutil.Process(pid)
    seconds = 0.0
    for process in (root, *root.children(recursive=True)):
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        seconds += times.user + times.system + times.children_user + times.children_system
    return seconds


def main(count: int, sql: bool) -> None:
    """Measure so many complaints and print a line for each part."""
    logged = ("log_statement=all", "log_line_prefix=") if sql else ()
    with stage(*logged) as on, web(on) as server, worker(on) as pid:
        meter = Meter(on, server.pid, pid, _postmaster(on), sql)
        with clients(server.port) as ready:
            cases = [Case(submission(number)) for number in range(WARM_UP + count)]
            _walk(meter, ready, cases[:WARM_UP], {})
            call_floor(ready[0], range(1, ROWS + 1))
            table: dict[str, Numbers] = {}
            _walk(meter, ready, cases[WARM_UP:], table)
    _print(table, 1 if sql else 1000)


def _walk(
    meter: Meter, ready: Sequence[Client], cases: Sequence[Case], table: dict[str, Numbers]
) -> None:
    desks = [Desk(meter.on.tokens, meter.on.program, client) for client in ready]
    while any(case.left for case in cases):
        for client in ready:
            # The server has closed what lay still for long; it is opened again by itself.
            client.close()
        name = cases[0].left[0]
        with _stopped(meter.worker):
            with _metered(meter, table, name, len(cases)):
                for number, case in enumerate(cases):
                    if not desks[number % 4].go_on(case):
                        raise RuntimeError(f"{name}: not there yet")
            # Beside each part, since other work on the machine makes all dearer for a while.
            with _metered(meter, table, "floor", len(cases)):
                for number in range(len(cases)):
                    call_floor(ready[number % 4], [number % ROWS + 1])
        if not name.startswith("find"):
            with _metered(meter, table, f"worker after {name}", len(cases)):
                _await_idle(meter.on)


@contextmanager
def _metered(meter: Meter, table: dict[str, Numbers], name: str, count: int) -> Iterator[None]:
    before = meter.read()
    yield
    after = meter.read()
    known = table.get(name, dict.fromkeys(PARTS, 0.0))
    table[name] = {part: known[part] + (after[part] - before[part]) / count for part in PARTS}


@contextmanager
def _stopped(pid: int) -> Iterator[None]:
    os.kill(pid, signal.SIGSTOP)
    yield
    os.kill(pid, signal.SIGCONT)


def _await_idle(on: Stage) -> None:
    query = """
        SELECT (SELECT count(*) FROM procrastinate_jobs WHERE status IN ('todo', 'doing'))
             + (SELECT count(*) FROM service_job WHERE state = 'queued')
    """
    deadline = time.monotonic() + PATIENCE
    with psycopg.connect(on.settings.conninfo, autocommit=True) as connection:
        while connection.execute(query).fetchone() != (0,):
            if time.monotonic() > deadline:
                raise RuntimeError("the worker does not come to an end")
            time.sleep(0.3)


def _print(table: dict[str, Numbers], scale: float) -> None:
    floor = table.pop("floor")
    rows = dict(table)
    for title, wanted in (("all of the web", False), ("all of the worker", True)):
        found = [v for k, v in table.items() if k.startswith("worker") is wanted]
        rows[title] = {part: sum(one[part] for one in found) for part in PARTS}
    rows["whole"] = {part: sum(one[part] for one in table.values()) for part in PARTS}
    rows["floor"] = floor
    sys.stdout.write(f"{'':32}{'web':>9}{'worker':>9}{'postgres':>9}{'sum':>9}\n")
    for name, row in rows.items():
        cells = "".join(f"{row[part] * scale:9.2f}" for part in PARTS)
        sys.stdout.write(f"{name:32}{cells}{sum(row.values()) * scale:9.2f}\n")
    ratio = sum(floor.values()) / sum(rows["whole"].values())
    sys.stdout.write(f"floor over whole: {ratio:.3f}\n")


if __name__ == "__main__":
    given = [word for word in sys.argv[1:] if word.isdigit()]
    main(int(given[0]) if given else 40, "--sql" in sys.argv)
