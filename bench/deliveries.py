"""Deliveries by mail, text message and SOAP call, beside jobs of the same worker that do nothing.

Each round stops the worker, writes work for it, lets it go on and waits until all is done.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from statistics import median
from typing import Any

import psycopg

from app import jobs
from app.access import SYSTEM
from app.db import session, transaction
from app.services.deployment import definitions
from app.services.execution import processes
from app.services.sending import channel_settings, wsdl_bundles
from app.services.sending.channel_settings import Draft
from bench import notes
from bench.bare import NOTHING
from bench.figure import Figure
from bench.stage import Stage, stage, worker
from connectors.wsdl import read_bundle
from tests.support.call_tasks import call_task

ROUNDS = 9
PROCESSES = 30
EACH = ("mail", "sms", "soap")
"""What each process delivers, one after the other; also the partners."""
BARE = 300
PATIENCE = 120.0

_WAITING = """
    SELECT (SELECT count(*) FROM procrastinate_jobs WHERE status IN ('todo', 'doing'))
         + (SELECT count(*) FROM process_instance WHERE status = 'active')
"""
_ODD = """
    SELECT (SELECT count(*) FROM procrastinate_jobs WHERE status <> 'succeeded')
         + (SELECT count(*) FROM delivery WHERE state <> 'accepted' OR attempts <> 1)
"""


class Wrong(Exception):
    """Something was not delivered, or not once."""


def measure() -> Iterator[Figure]:
    """``deliveries_vs_jobs``."""
    with ExitStack() as open_, stage() as on:
        partners = {name: open_.enter_context(_partner(name)) for name in EACH}
        _furnish(on, partners)
        with worker(on, ["bench.bare"], PEYGIR_SMTP_URL=partners["mail"].told["url"]) as pid:
            pairs = list(_rounds(on, pid))
        _check(on, partners)
    for bare, ours in pairs:
        notes.tell(f"jobs {bare:.0f}/s, deliveries {ours:.0f}/s")
    yield Figure("deliveries_vs_jobs", median(ours / bare for bare, ours in pairs))


@dataclass(frozen=True)
class Partner:
    """A running fake partner."""

    told: Mapping[str, Any]
    """What a channel to it needs."""
    process: subprocess.Popen[str]

    def count(self) -> int:
        """How much it has taken so far."""
        return int(_ask(self.process, "how much\n"))


@contextmanager
def _partner(kind: str) -> Iterator[Partner]:
    pipe, command = subprocess.PIPE, [sys.executable, "-m", "bench.partners", kind]
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as process:
        try:
            yield Partner(json.loads(_ask(process, "")), process)
        finally:
            process.communicate()


def _ask(process: subprocess.Popen[str], line: str) -> str:
    if process.stdin is None or process.stdout is None:
        raise Wrong("a partner without pipes")
    process.stdin.write(line)
    process.stdin.flush()
    return process.stdout.readline().strip()


def _furnish(on: Stage, partners: Mapping[str, Partner]) -> None:
    """Channels to the partners, and the process that tells all of them."""
    now = datetime.now(UTC)
    with on.app.app_context():
        with transaction():
            line = dict(partners["sms"].told)
            _keep("sms-http", line, {"key": line.pop("key")}, now)
            _keep("soap", {"private_partners": ["127.0.0.0/8"]}, {}, now)
            bundle = read_bundle("complaints.wsdl", partners["soap"].told["wsdl"].encode())
            wsdl_bundles.give("soap", wsdl_bundles.Judged(bundle, []), None, SYSTEM, now)
        with transaction():
            definitions.deploy("tell.bpmn", PROCESS, SYSTEM, now)


def _keep(kind: str, options: Mapping[str, Any], secrets: Mapping[str, Any], now: datetime) -> None:
    names = {"en": kind, "fa": kind}
    draft = Draft(kind, kind, names, dict(options), dict(secrets), is_default=True)
    channel_settings.save(draft, SYSTEM, now)


def _rounds(on: Stage, pid: int) -> Iterator[tuple[float, float]]:
    """Jobs and deliveries per second; the first round warms up."""
    pairs = [(_bare(on, pid), _deliver(on, pid)) for _ in range(ROUNDS + 1)]
    yield from pairs[1:]


def _bare(on: Stage, pid: int) -> float:
    with _stopped(on, pid) as lasted, on.app.app_context(), transaction():
        jobs.defer_all([jobs.Order(NOTHING, {})] * BARE)
    return BARE / lasted[0]


def _deliver(on: Stage, pid: int) -> float:
    with _stopped(on, pid) as lasted, on.app.app_context():
        for n in range(PROCESSES):
            with transaction():
                version = definitions.latest("tell")
                processes.start(version, {"number": f"R-{n}"}, SYSTEM, datetime.now(UTC))
            session().expunge_all()
    return PROCESSES * len(EACH) / lasted[0]


@contextmanager
def _stopped(on: Stage, pid: int) -> Iterator[list[float]]:
    """Let the worker stand still while work is written for it; then the seconds it takes."""
    lasted: list[float] = []
    os.kill(pid, signal.SIGSTOP)
    try:
        yield lasted
    finally:
        begun = time.perf_counter()
        os.kill(pid, signal.SIGCONT)
    with psycopg.connect(on.settings.conninfo, autocommit=True) as connection:
        while connection.execute(_WAITING).fetchone() != (0,):
            if time.perf_counter() - begun > PATIENCE:
                raise Wrong("the worker does not come to an end")
            time.sleep(0.01)
    lasted.append(time.perf_counter() - begun)


def _check(on: Stage, partners: Mapping[str, Partner]) -> None:
    wanted = (ROUNDS + 1) * PROCESSES
    for name, partner in partners.items():
        if (came := partner.count()) != wanted:
            raise Wrong(f"{name}: {came} came, not {wanted}")
    with psycopg.connect(on.settings.conninfo) as connection:
        if connection.execute(_ODD).fetchone() != (0,):
            raise Wrong("not everything was delivered at the first attempt")


_WORDS = {"subject": '"About " + number', "body": '"We have taken up your case " + number'}
_VALUES = (
    '{subject: number, kind: "billing", amount: 1200.50, happenedOn: date("2026-03-01"), '
    'complainant: {name: "زهرا رضایی", birthDate: null}}'
)
_TASKS = (
    call_task("mail", "email", {"to": '"customer@example.com"', **_WORDS})
    + call_task("text", "sms", {"to": '"+989123456789"', "body": _WORDS["body"]})
    + call_task("register", "soap", {"operation": '"RegisterComplaint"', "values": _VALUES})
)
_PATH = ("start", "mail", "text", "register", "end")
_FLOWS = "".join(
    f'<bpmn:sequenceFlow id="{one}_{two}" sourceRef="{one}" targetRef="{two}" />'
    for one, two in pairwise(_PATH)
)
PROCESS = f"""<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
    xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"
    xmlns:modeler="http://camunda.org/schema/modeler/1.0" id="definitions"
    targetNamespace="http://bpmn.io/schema/bpmn" modeler:executionPlatform="Camunda Cloud"
    modeler:executionPlatformVersion="8.6.0">
  <bpmn:process id="tell" name="Tell three partners" isExecutable="true">
    <bpmn:startEvent id="start" name="Begun" />{_TASKS}
    <bpmn:endEvent id="end" name="Told" />{_FLOWS}
  </bpmn:process>
</bpmn:definitions>
""".encode()
