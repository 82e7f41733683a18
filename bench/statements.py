"""How many statements PostgreSQL itself counts for one completion over HTTP."""

from __future__ import annotations

import re
from collections.abc import Iterator
from statistics import median

import psycopg

from bench import notes
from bench.client import Client
from bench.complaints import PATH, answers, prepare
from bench.figure import Figure
from bench.stage import Stage, Web, stage, web

WARM_UP = 30
"""The driver prepares a statement on its fifth use, and the caches of all threads fill."""
COUNTED = 7
STATEMENT = re.compile(r"LOG:  (?:statement|execute [^:]*): (.*)")


def measure() -> Iterator[Figure]:
    """``sql_per_complete``: BEGIN and COMMIT included, whatever the connection pool asks too."""
    with stage("log_statement=all", "log_line_prefix=") as on:
        tasks = prepare(on, WARM_UP + COUNTED)
        with web(on, workers=1, threads=1) as server:
            _complete(on, server, tasks[:WARM_UP])
            counted = [_count(on, server, task) for task in tasks[WARM_UP:]]
    for number, statement in enumerate(counted[-1], 1):
        notes.tell(f"{number:2} {statement[:150]}")
    yield Figure("sql_per_complete", median(map(len, counted)))


def _complete(on: Stage, server: Web, tasks: list[int]) -> None:
    body, token = {"data": answers("assess")}, on.tokens[PATH["assess"]]
    client = Client(server.port)
    for task in tasks:
        client.expect(200, "POST", f"/api/v1/tasks/{task}/complete", body, token)
    client.close()


def _count(on: Stage, server: Web, task: int) -> list[str]:
    """The statements in PostgreSQL's log between two marks of ours."""
    with psycopg.connect(on.settings.conninfo, autocommit=True) as connection:
        connection.execute(f"SELECT 'before {task}'".encode())
        _complete(on, server, [task])
        connection.execute(f"SELECT 'after {task}'".encode())
    told = on.log.read_text("utf-8", "replace")
    between = told.partition(f"SELECT 'before {task}'")[2].partition(f"SELECT 'after {task}'")[0]
    # The last line is the beginning of our own second mark.
    whole = between.splitlines()[:-1]
    return [match[1] for line in whole if (match := STATEMENT.match(line))]
