"""What the product does itself is done with the step that came to it, and undoes no letter."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import psycopg
import pytest
from flask import Flask

from app.models import ServiceJob
from app.services import job_types
from app.services.execution.taking import CHANNEL
from tests.app.services.execution.test_taking import (
    Begin,
    alone,
    ask,
    begin,
    jobs_of,
    letter,
    take,
)
from tests.bpmn.build import end, flows, gateway, process, service, start
from tests.support.application import WORKER

__all__ = ["begin"]


def own(name: str) -> str:
    return service(name, kind="find-similar")


THEN = process(
    start(), letter("send"), own("one"), own("two"), letter("bye"), end(),
    flows("start > send > one > two > bye > end"), key="then",
)  # fmt: skip
BESIDE = process(
    start(), gateway("parallel", "split"), letter("send"), letter("other"), own("one"), end(),
    flows("start > split", "split > send > one > end", "split > other > end"), key="beside",
)  # fmt: skip
LONG = process(
    start(), letter("send"), *[own(f"own{n}") for n in range(7)], end(),
    flows("start > send > " + " > ".join(f"own{n}" for n in range(7)) + " > end"), key="long",
)  # fmt: skip


@contextmanager
def doing(crashes: str = "") -> Iterator[None]:
    """The product's own tasks are done and say so, but one of this name crashes."""
    known = job_types.find

    def do(instance: object, job: ServiceJob, *more: object) -> Mapping[str, Any]:
        if job.element == crashes:
            raise ZeroDivisionError
        return {job.element: True}

    def find(name: str) -> job_types.Do | None:
        return do if name == "find-similar" else known(name)

    with patch("app.services.job_types.find", find):
        yield


def test_all_that_follows_a_letter_is_done_with_it(app: Flask, begin: Begin) -> None:
    begin(1, THEN)
    with doing(), alone():
        assert take(app) is not None
    assert [row[:2] for row in jobs_of(app)] == [
        ("send", "done"), ("one", "done"), ("two", "done"), ("bye", "queued"),
    ]  # fmt: skip
    assert ask(app, "SELECT max(attempts), count(*) FROM service_job WHERE state = 'done'") == [
        (1, 3)
    ]
    assert take(app) is not None
    assert ask(app, "SELECT status FROM process_instance") == [("completed",)]


def test_a_crash_undoes_no_letter_and_is_left_to_the_next_claim(app: Flask, begin: Begin) -> None:
    begin(1, THEN)
    with doing(crashes="two"):
        assert take(app) is not None
    assert jobs_of(app) == [("send", "done", WORKER), ("one", "queued", None)]
    assert ask(app, "SELECT state, attempts FROM delivery") == [("accepted", 1)]


def test_tasks_of_one_instance_keep_their_order(app: Flask, begin: Begin) -> None:
    begin(1, BESIDE)
    with doing(), alone():
        assert take(app) is not None
        assert [row[:2] for row in jobs_of(app)] == [
            ("send", "done"), ("other", "queued"), ("one", "queued"),
        ]  # fmt: skip
        assert take(app) is not None
    assert [row[1] for row in jobs_of(app)] == ["done", "done", "done"]


def test_no_transaction_does_many(app: Flask, begin: Begin) -> None:
    begin(1, LONG)
    with doing():
        assert take(app) is not None
        assert [row[1] for row in jobs_of(app)] == ["done"] * 6 + ["queued"]
        assert take(app) is not None
        assert ask(app, "SELECT status FROM process_instance") == [("completed",)]


@pytest.mark.parametrize(("source", "rings"), [(THEN, 1), (LONG, 0)])
def test_workers_hear_only_of_what_is_left(
    app: Flask, begin: Begin, source: bytes, rings: int
) -> None:
    begin(1, source)
    conninfo = app.extensions["peygir.settings"].conninfo
    with psycopg.connect(conninfo, autocommit=True) as ear, doing(), alone():
        ear.execute(f"LISTEN {CHANNEL}")
        with patch("app.services.execution.service_jobs.MOST_AT_ONCE", 9):
            take(app)
        # What is told comes as late as the machine is busy; of what is not we hear nothing.
        if rings:
            assert len(list(ear.notifies(timeout=60, stop_after=rings))) == rings
        assert list(ear.notifies(timeout=0.2)) == []
