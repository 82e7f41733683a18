"""Peygir's real processes on a database of the test's own, to be killed at any moment."""

from __future__ import annotations

import http.client
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.support.nursery import Child, Nursery
from tests.support.patience import patient, wait_until
from tests.support.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
PARTS = ("web", "worker", "clock")


@dataclass
class Stack:
    """Web, worker and clock, each a process group of its own."""

    database: str
    data: Path
    port: int
    extra: dict[str, str] = field(default_factory=dict)
    nursery: Nursery | None = None
    """Where parts are forked, in place of being loaded anew each time."""
    _running: dict[str, subprocess.Popen[bytes] | Child] = field(default_factory=dict)

    @property
    def origin(self) -> str:
        """Where the web answers: ``http://127.0.0.1:port``."""
        return f"http://127.0.0.1:{self.port}"

    def start(self, *parts: str) -> None:
        """Starts these parts, or all; returns when the web is ready."""
        for part in parts or PARTS:
            self._running[part] = self._begin(part, self.data / f"{part}.log")
        if "web" in self._running:
            self.wait_until_ready()

    def _begin(self, part: str, log: Path) -> subprocess.Popen[bytes] | Child:
        if self.nursery is not None:
            return self.nursery.start(part, self._env(), log)
        with log.open("ab") as written:
            command = [sys.executable, "-m", "app.cli", part]
            return subprocess.Popen(
                command, cwd=ROOT, env=self._env(), stdout=written, stderr=written,
                start_new_session=True,
            )  # fmt: skip

    def end(self, part: str, seconds: float) -> None:
        """Asks a part to end; fails when it has not after so many seconds."""
        process = self._running[part]
        process.terminate()
        wait_until(lambda: process.poll() is not None, seconds, lambda: self.log(part))
        del self._running[part]

    def kill(self, *parts: str) -> None:
        """kill -9 of these parts, or all, with all their children."""
        for part in parts or tuple(self._running):
            process = self._running.pop(part)
            # One that has ended by itself tells why in its log, not by failing here.
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait(patient(10))

    def restart(self, *parts: str) -> None:
        """Kills these parts, or all, and starts them again."""
        names = parts or tuple(self._running)
        self.kill(*names)
        self.start(*names)

    def stop(self) -> None:
        """Asks every part to end, and kills what does not within ten seconds or so."""
        for process in self._running.values():
            with suppress(ProcessLookupError):
                process.terminate()
        for part, process in list(self._running.items()):
            try:
                process.wait(patient(10))
            except subprocess.TimeoutExpired:
                self.kill(part)
        self._running.clear()

    def log(self, part: str) -> str:
        """All that this part has written."""
        return (self.data / f"{part}.log").read_text(encoding="utf-8", errors="replace")

    def wait_until_ready(self, seconds: float = 30) -> None:
        """Returns when ``/readyz`` answers 200."""
        wait_until(self._is_ready, seconds, lambda: f"web is not ready:\n{self.log('web')}")

    def _is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.origin}/readyz", timeout=5) as answer:
                return bool(answer.status == 200)
        except (OSError, http.client.HTTPException):
            return False

    def _env(self) -> dict[str, str]:
        own = {name: value for name, value in os.environ.items() if not name.startswith("PEYGIR_")}
        return own | {
            "PEYGIR_DATA": str(self.data),
            "PEYGIR_DATABASE_URL": self.database,
            "PEYGIR_SECRET_KEY": "a-secret-for-tests",
            "PEYGIR_PORT": str(self.port),
            "PEYGIR_LANGUAGE": "en",
        } | self.extra  # fmt: skip


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    """Where the parts of all stacks are forked: loading all code anew takes longer than they
    work."""
    with Nursery() as made:
        yield made


@pytest.fixture
def make_stack(database: str, tmp_path: Path, nursery: Nursery) -> Iterator[Callable[..., Stack]]:
    """``make_stack(PEYGIR_SMTP_URL=...)`` prepares processes with these further settings."""
    made: list[Stack] = []

    def prepare(**extra: str) -> Stack:
        data = tmp_path / f"data{len(made)}"
        data.mkdir()
        made.append(Stack(database, data, free_port(), extra, nursery))
        return made[-1]

    yield prepare
    for stack in made:
        stack.stop()


@pytest.fixture
def stack(make_stack: Callable[..., Stack]) -> Stack:
    """Web, worker and clock, running; ``stack.kill("worker")``, ``stack.restart("web")``."""
    made = make_stack()
    made.start()
    return made
