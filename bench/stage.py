"""Where measurements take place: a fresh durable PostgreSQL, Peygir on it, and its people."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import psycopg
from flask import Flask

from app import create_app
from app.config import Settings
from app.db import transaction
from app.demo.organisation import PROGRAM, load_people
from app.embedded import server
from app.migrate import upgrade
from app.services.accounts import api_tokens, people
from app.services.deployment import shipped
from bench.floor import TABLES

PASSWORD = "a-password-for-measuring"  # noqa: S105  # Of people who live for a minute.


@dataclass(frozen=True)
class Stage:
    """A running database, the application on it in this process, and everybody's token."""

    app: Flask
    settings: Settings
    tokens: dict[str, str]
    log: Path
    """What PostgreSQL writes."""

    @property
    def program(self) -> str:
        """The token of the program that submits requests."""
        return self.tokens[PROGRAM]


@contextmanager
def stage(*settings: str) -> Iterator[Stage]:
    """A fresh installation in a temporary folder; ``settings`` are further ones of PostgreSQL."""
    folder = Path(tempfile.mkdtemp(prefix="peygir-bench-"))
    # PostgreSQL started by root runs under an account of its own, which must get through.
    folder.chmod(0o711)
    try:
        with server(folder, own=True, settings=settings) as database:
            yield _prepare(folder, database.url)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _prepare(folder: Path, url: str) -> Stage:
    plain = Settings(folder, "a-secret-for-measuring", language="en").at_database(url)
    upgrade(plain.engine_url)
    with psycopg.connect(url) as connection:
        connection.execute(TABLES.encode())
    app = create_app(plain)
    now = datetime.now(UTC)
    with app.app_context(), transaction():
        load_people(now, PASSWORD)
        shipped.install(now)
        tokens = {u.login: api_tokens.issue(u.login, "bench", now) for u in people.list_users()}
    return Stage(app, plain, tokens, folder / "postgres.log")


@dataclass(frozen=True)
class Web:
    """A running web server."""

    port: int
    pid: int
    """The process that started the workers."""


@contextmanager
def web(on: Stage, workers: int = 2, threads: int = 4) -> Iterator[Web]:
    """The production web server on this stage, on a free port."""
    settings = replace(on.settings, port=_free_port())
    more = {"PEYGIR_WEB_WORKERS": str(workers), "PEYGIR_WEB_THREADS": str(threads)}
    with _process([sys.executable, "-m", "bench.web"], settings, more) as pid:
        _wait_until_ready(settings.port)
        yield Web(settings.port, pid)


@contextmanager
def worker(on: Stage, program: Sequence[str] = ("app.cli", "worker"), **more: str) -> Iterator[int]:
    """The worker beside it, as ``peygir worker``, with further settings; its process id."""
    with _process([sys.executable, "-m", *program], on.settings, more) as pid:
        yield pid


@contextmanager
def mail(on: Stage) -> Iterator[int]:
    """The process that receives mails, as ``peygir mail``; its process id."""
    with _process([sys.executable, "-m", "app.cli", "mail"], on.settings, {}) as pid:
        yield pid


@contextmanager
def _process(command: list[str], settings: Settings, more: dict[str, str]) -> Iterator[int]:
    started = subprocess.Popen(command, env=_env(settings) | more, start_new_session=True)
    try:
        yield started.pid
    finally:
        started.terminate()
        try:
            started.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(started.pid, signal.SIGKILL)
            started.wait()


def _env(settings: Settings) -> dict[str, str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith("PEYGIR_")}
    return own | {
        "PEYGIR_DATA": str(settings.data),
        "PEYGIR_DATABASE_URL": settings.engine_url,
        "PEYGIR_SECRET_KEY": settings.secret_key,
        "PEYGIR_PORT": str(settings.port),
        "PEYGIR_LANGUAGE": settings.language,
    }


def _wait_until_ready(port: int, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5):
                return
        except (urllib.error.URLError, OSError):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
