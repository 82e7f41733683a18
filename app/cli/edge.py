"""What every command needs: settings, a database, the application, and errors people can read."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, ParamSpec, TypeVar

import click
import psycopg
from flask import Flask
from sqlalchemy.exc import OperationalError

import bpmn
from app.cli.copying import CopyError
from app.config import Settings, SettingsError, embedded_folder, load
from app.embedded import server
from app.embedded_place import EmbeddedError, is_made
from app.errors import Invalid, PeygirError
from app.supervisor import PortTaken

P = ParamSpec("P")
T = TypeVar("T")


def explained(command: Callable[P, T]) -> Callable[P, T]:
    """Turns the errors that a person can do something about into one sentence and exit code 1."""

    @functools.wraps(command)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> T:
        _check_texts(kwargs)
        try:
            return command(*args, **kwargs)
        except (SettingsError, EmbeddedError, PortTaken, CopyError) as error:
            raise click.ClickException(str(error)) from error
        except Invalid as error:
            raise click.ClickException(_fields(error)) from error
        except PeygirError as error:
            raise click.ClickException(error.message(_language(kwargs))) from error
        except bpmn.WrongState as error:
            raise click.ClickException(_DAMAGED.format(why=error)) from error
        except OperationalError as error:
            raise click.ClickException(f"The database cannot be used: {error.orig}") from error
        except psycopg.OperationalError as error:
            raise click.ClickException(f"The database cannot be used: {error}") from error

    return wrapper


def _language(given: Mapping[str, Any]) -> str:
    """The language that the command was asked to speak; English where it offers no choice."""
    return "fa" if given.get("language") == "fa" else "en"


def _check_texts(given: Mapping[str, Any]) -> None:
    """Refuse what was typed in another encoding: no table could hold it."""
    for name, value in given.items():
        texts = value if isinstance(value, tuple) else (value,)
        if any(isinstance(text, str) and _HALVES.search(text) for text in texts):
            raise click.ClickException(f"{name}: this is not written in UTF-8.")


_DAMAGED = (
    "The stored state of the process cannot be read, so nothing was done. {why} "
    "`peygir doctor` names every such process; a backup from before the damage holds it whole."
)
_HALVES = re.compile("[\ud800-\udfff]")
"""How Python reads bytes that are no UTF-8."""


def read_settings() -> Settings:
    """Settings from the environment, looked at by the rooms that work with them."""
    from app.services.setup import check_settings

    settings = load()
    check_settings(settings)
    return settings


@contextmanager
def database(*, make: bool = False) -> Iterator[Settings]:
    """Settings that point at a running database: the one that is set, else the embedded one,
    which is made only where the command is there to ``make`` it."""
    folder = None if make else embedded_folder()
    # Looked at before the settings are read, which puts a secret into a new folder.
    if folder is not None and not is_made(folder):
        raise click.ClickException(_NOT_MADE.format(folder=folder))
    settings = read_settings()
    if settings.database_url is not None:
        yield settings
        return
    with server(settings.data) as running:
        yield settings.at_database(running.url)


@contextmanager
def application(*, tables: bool = True) -> Iterator[Flask]:
    """The application on a running database, inside its context; without ``tables`` also on one
    that has none yet."""
    from app import create_base
    from app.db import db

    with database() as settings:
        app = create_base(settings)
        with app.app_context():
            try:
                if tables:
                    _check_tables()
                yield app
            finally:
                db.session.remove()
                # An embedded server ends with this command, and waits for no idle connection.
                db.engine.dispose()


def _check_tables() -> None:
    from app.db import session
    from app.migrate import current

    if current(session().connection()) is None:
        raise click.ClickException(_NO_TABLES)
    session().rollback()


_NOT_MADE = (
    "There is no installation in {folder}. Set PEYGIR_DATA to the folder of one; "
    "`peygir run` or `peygir migrate` makes a new one there."
)
_NO_TABLES = (
    "This database has no tables of Peygir. Check PEYGIR_DATABASE_URL or PEYGIR_DATA; "
    "`peygir migrate` makes the tables in an empty database."
)


def settings_of_part(name: str) -> Settings:
    """Settings for one part alone, which needs a database that the others reach, too."""
    settings = read_settings()
    if settings.database_url is None:
        raise SettingsError(
            f"PEYGIR_DATABASE_URL is not set. `peygir {name}` is one part alone and needs a "
            "database that others reach too; `peygir run` starts everything with its own."
        )
    return settings


def _fields(error: Invalid) -> str:
    lines = [f"{field}: {' '.join(messages)}" for field, messages in error.errors.items()]
    return "\n".join([error.message("en"), *lines])
