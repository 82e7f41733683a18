"""``peygir run``: prepares the database, then hands over to the supervisor."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import click

from app.cli.edge import read_settings
from app.cli.parts import PARTS
from app.cli.preparing import demo_logins, install_shipped, seed_demo, upgrade
from app.config import Settings
from app.embedded import Running, server
from app.supervisor import Household, Part, local_origin, require_free_port


def run_everything(demo: bool) -> int:
    """Runs until asked to end; starts over when the embedded database itself died."""
    settings = read_settings()
    os.umask(0o077)
    require_free_port(settings)
    say("Peygir is starting ...")
    over = _signals()
    while True:
        with _database(settings) as running:
            here = settings.at_database(running.url)
            prepare(here, demo)
            if over.is_set() or _keep(here, running, over):
                return 0
        say("The database died; everything is started again.")


def prepare(settings: Settings, demo: bool) -> None:
    """Tables, shipped processes, and demo data once."""
    from app import create_app
    from app.db import db

    upgrade(settings)
    app = create_app(settings)
    install_shipped(app)
    if demo:
        seed_demo(app)
    with app.app_context():
        db.engine.dispose()


def _keep(settings: Settings, running: Running, over: threading.Event) -> bool:
    parts = [Part(name, partial(main, settings)) for name, main in PARTS.items()]
    greet = partial(_greet, settings)
    return Household(settings, parts, say, greet, running.is_alive, over).run()


def _greet(settings: Settings) -> None:
    say(greeting(settings))


def greeting(settings: Settings) -> str:
    """What is printed when everything is ready."""
    origin = local_origin(settings)
    lines = [
        "",
        "Peygir is ready.",
        f"  Staff      {origin}/",
        f"  Customers  {origin}/portal",
        f"  API        {origin}/api/v1/openapi.json",
        f"  Data       {settings.data}",
    ]
    logins = demo_logins(settings)
    if logins:
        lines += ["", logins.rstrip()]
    return "\n".join([*lines, "", "Ctrl-C stops everything.", ""])


def say(text: str) -> None:
    """Prints at once, also into a pipe."""
    click.echo(text)
    sys.stdout.flush()


@contextmanager
def _database(settings: Settings) -> Iterator[Running]:
    if settings.database_url is not None:
        yield Running(settings.conninfo)
        return
    with server(settings.data, own=True) as running:
        yield running


def _signals() -> threading.Event:
    over = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: over.set())
    return over
