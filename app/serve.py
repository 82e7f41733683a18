"""The web server: gunicorn with threads, set up here so that no option file can be forgotten."""

from __future__ import annotations

import os
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication

from app import create_app
from app.config import Settings
from app.memory import settle_memory

GRACE = 5
"""Seconds that running requests have to finish when the server is asked to end."""


class Server(BaseApplication):  # type: ignore[misc]  # gunicorn has no types.
    """gunicorn around the application, with our settings instead of its option files."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        super().__init__()

    def load_config(self) -> None:
        """Takes our options; gunicorn calls it."""
        for name, value in options(self._settings).items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        """The application; gunicorn calls it once, before it forks its workers."""
        app = create_app(self._settings)
        settle_memory()
        return app


def options(settings: Settings) -> dict[str, Any]:
    """gunicorn's options for these settings."""
    return {
        "bind": [f"{settings.host}:{settings.port}"],
        "worker_class": "gthread",
        "workers": settings.web_workers,
        "threads": settings.web_threads,
        # One copy of the code in memory; the database is first touched after the fork.
        "preload_app": True,
        "timeout": 60,
        "graceful_timeout": GRACE,
        "keepalive": 5,
        "loglevel": "warning",
        "proc_name": "peygir web",
        # Its control socket would lie in a home folder that a service account may not have.
        "control_socket_disable": True,
        # Heartbeats must not wait for a disk.
        "worker_tmp_dir": "/dev/shm" if os.path.isdir("/dev/shm") else None,  # noqa: S108
    }


def run(settings: Settings) -> None:
    """Serves until SIGTERM or SIGINT, then leaves the process."""
    Server(settings).run()
