"""The application in the test's own process: clients, a session for services, a moving clock.

One application serves all tests of a process; each test that uses it finds a fresh database
with the cast in it and the clock at its start.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import Context
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from app.config import Settings
from tests.support.cast import PASSWORD, QUICK_HASHER, add_cast, token_of
from tests.support.clock import MovingClock
from tests.support.database import Cluster


class Client(FlaskClient):
    """Flask's client, whose requests never see the application context of the test itself.

    Otherwise ``g`` and the session of one request would be those of the next one, which no
    real server does.
    """

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        # The whole answer is read there, and closed as a server closes it.
        return Context().run(super().open, *args, **{"buffered": True, **kwargs})


class ApiClient(Client):
    """A client that speaks JSON with the bearer token of one person of the cast."""

    token = ""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        headers = dict(kwargs.pop("headers", None) or {})
        headers.setdefault("Authorization", f"Bearer {self.token}")
        return super().open(*args, headers=headers, **kwargs)


@pytest.fixture(scope="session")
def one_app(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """The application of this test process; tests use ``app``."""
    from app import create_app, work
    from app.services.accounts import people

    people._hasher = QUICK_HASHER
    # One beat of the test's clock brings about all that is due, however slow the machine is: a
    # worker's turn that ends on time leaves the rest to the next beat.
    work.SPELL = 600.0
    data = tmp_path_factory.mktemp("data")
    settings = Settings(data, "a-secret-for-tests", cluster.address("app"), language="en")
    made = create_app(settings)
    made.config.update(TESTING=True, WTF_CSRF_ENABLED=False, SESSION_COOKIE_SECURE=False)
    made.test_client_class = Client
    return made


@pytest.fixture(scope="session")
def template(one_app: Flask, cluster: Cluster) -> str:
    """The name of a migrated database with the cast and the shipped processes in it.

    Each test's own database is a copy of it.
    """
    from app.migrate import upgrade

    upgrade(cluster.create("app"))
    try:
        with transaction_of(one_app):
            add_cast()
    finally:
        dispose(one_app)
    cluster.create("template_cast", "app")
    return "template_cast"


def dispose(app: Flask) -> None:
    """Closes the application's connections, so that its database can be copied or dropped."""
    from app.db import db

    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def clock() -> MovingClock:
    """The time of this test: ``clock()`` tells it, ``clock.move(hours=3)`` moves it."""
    return MovingClock()


@pytest.fixture
def app(one_app: Flask, cluster: Cluster, template: str, clock: MovingClock) -> Iterator[Flask]:
    """The application on a fresh database; CSRF is off, ``csrf_app`` has it on."""
    from app.services.deployment import definitions

    cluster.create("app", template)
    # Each database counts its definitions and its settings from the same number on.
    definitions.forget()
    kept = ("sla", "channels", "channels_in_order", "letters", "no_contact")
    for known in (f"peygir.{name}" for name in kept):
        one_app.extensions.pop(known, None)
    one_app.extensions["peygir.now"] = clock
    yield one_app
    dispose(one_app)


@pytest.fixture
def csrf_app(app: Flask) -> Iterator[Flask]:
    """The same application with its protection against forged forms on."""
    app.config["WTF_CSRF_ENABLED"] = True
    yield app
    app.config["WTF_CSRF_ENABLED"] = False


@pytest.fixture
def data(app: Flask) -> Path:
    """The data folder of the application: outbox and uploads."""
    settings: Settings = app.extensions["peygir.settings"]
    return settings.data


@pytest.fixture
def session(app: Flask) -> Iterator[Session]:
    """The session that services use, inside an application context that lasts for the test.

    Nothing commits by itself: services' tests call ``session.flush()`` or ``session.commit()``.
    """
    from app.db import session as current

    with app.app_context():
        yield current()
        current().rollback()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser without scripts, signed in as nobody; it keeps its cookies."""
    return app.test_client()


@pytest.fixture
def login(app: Flask) -> Callable[[str], FlaskClient]:
    """``login("sara")`` gives a client of her own, signed in through the real page."""

    def sign_in(name: str, password: str = PASSWORD) -> FlaskClient:
        client = app.test_client()
        answer = client.post("/login", data={"login": name, "password": password})
        assert answer.status_code in (302, 303), answer.get_data(as_text=True)
        return client

    return sign_in


@pytest.fixture
def api(app: Flask) -> Callable[[str], FlaskClient]:
    """``api("sara")`` gives a client that calls the API with her token."""

    def with_token(name: str) -> FlaskClient:
        client = ApiClient(app, app.response_class, use_cookies=False)
        client.token = token_of(name)
        return client

    return with_token


@pytest.fixture
def run_jobs(app: Flask) -> Callable[[], int]:
    """``run_jobs()`` does all waiting jobs in order, as a worker would; returns how many."""
    return lambda: Context().run(_run_jobs, app)


@pytest.fixture
def tick(app: Flask, run_jobs: Callable[[], int]) -> Callable[..., None]:
    """``tick(hours=3)`` moves the clock, turns due timers into jobs and does them all."""

    def go_on(**delta: Any) -> None:
        from app.clock import tick as one_tick

        app.extensions["peygir.now"].move(**delta)
        Context().run(one_tick, app)
        run_jobs()

    return go_on


def _run_jobs(app: Flask) -> int:
    from app.worker import perform

    done = _take_service_jobs(app)
    while (job := _next_job(app)) is not None:
        number, task, arguments = job
        perform(app, task, **arguments)
        with transaction_of(app) as session:
            session.execute(_SUCCEEDED, {"number": number})
        done += 1 + _take_service_jobs(app)
    return done


def _take_service_jobs(app: Flask) -> int:
    from app.work_sending import take_service_job

    def take() -> bool:
        with app.app_context():
            return take_service_job(WORKER, lambda: None).claim is not None

    return sum(iter(take, False))


WORKER = 4711
"""The number of the worker that the test itself is."""


def _next_job(app: Flask) -> tuple[int, str, dict[str, Any]] | None:
    """What a worker would take up now by the clock of the test."""
    with transaction_of(app) as session:
        row = session.execute(_NEXT, {"now": app.extensions["peygir.now"]()}).one_or_none()
        return None if row is None else (row.id, row.task_name, row.args)


_NEXT = text("""
    SELECT id, task_name, args FROM procrastinate_jobs
     WHERE status = 'todo' AND (scheduled_at IS NULL OR scheduled_at <= :now)
     ORDER BY priority DESC, id LIMIT 1
""")
_SUCCEEDED = text("SELECT procrastinate_finish_job_v1(:number, 'succeeded', false)")


@contextmanager
def transaction_of(app: Flask) -> Iterator[Session]:
    """One committed transaction outside any request, for what a story takes for granted."""
    from app.db import transaction

    with app.app_context(), transaction() as session:
        yield session
