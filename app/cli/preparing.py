"""What stands before the first start and after each upgrade: tables, shipped files, demo data."""

from __future__ import annotations

import os
from pathlib import Path

from flask import Flask

from app.config import Settings

LOGINS = "demo-logins.txt"


def upgrade(settings: Settings) -> None:
    """Brings the database to the shape of this release."""
    from app import migrate

    migrate.upgrade(settings.engine_url)


def install_shipped(app: Flask) -> None:
    """Deploys the shipped processes and tables whose content is new."""
    from app import clock_now
    from app.db import transaction
    from app.services.deployment import shipped

    with app.app_context(), transaction():
        shipped.install(clock_now())


def seed_demo(app: Flask) -> str | None:
    """Loads the demo into a database without people; the logins to show, or None.

    They are kept in a private file of the data folder, since the database holds hashes only.
    """
    from app import clock_now
    from app.db import transaction
    from app.demo import organisation

    with app.app_context(), transaction():
        logins = organisation.load(clock_now(), os.environ.get("PEYGIR_DEMO_PASSWORD"))
    if logins is None:
        return None
    settings: Settings = app.extensions["peygir.settings"]
    _write_private(settings.data / LOGINS, logins)
    return logins


def demo_logins(settings: Settings) -> str | None:
    """The logins of the demo that was loaded earlier, as they were shown."""
    path = settings.data / LOGINS
    return path.read_text(encoding="utf-8") if path.exists() else None


def _write_private(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
