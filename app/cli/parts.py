"""The parts of the house, each a process that lives until it is asked to end."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace

from app.config import Settings


def web(settings: Settings) -> int:
    """Serves the pages and the API."""
    from app import serve

    _prepare("web")
    _tell_unusable()
    serve.run(settings)
    return 0


def worker(settings: Settings) -> int:
    """Does the queued jobs."""
    from app import create_base, worker

    _prepare("worker")
    _tell_unusable()
    # Each job at work uses a connection, as each thread of the web does; and so does each thread
    # that carries out service tasks, also while it waits for a partner.
    threads = 2 * settings.worker_concurrency
    return worker.run(create_base(replace(settings, web_threads=threads)))


def clock(settings: Settings) -> int:
    """Turns what has come due into jobs."""
    from app import clock, create_base

    _prepare("clock")
    return clock.run(create_base(settings))


def mail(settings: Settings) -> int:
    """Receives from the mailboxes."""
    from app import create_base, mail

    _prepare("mail")
    return mail.run(create_base(replace(settings, web_threads=settings.worker_concurrency)))


def smpp(settings: Settings) -> int:
    """Sends and receives text messages over SMPP."""
    from app import create_base, smpp

    _prepare("smpp")
    return smpp.run(create_base(replace(settings, web_threads=settings.worker_concurrency)))


PARTS: Mapping[str, Callable[[Settings], int]] = {
    "web": web, "worker": worker, "clock": clock, "mail": mail,
    "smpp": smpp,
}  # fmt: skip


def _prepare(name: str) -> None:
    """Private files, and log lines that tell which part speaks."""
    os.umask(0o077)
    logging.basicConfig(
        stream=sys.stderr,
        level=logging.WARNING,
        format=f"%(asctime)s {name} %(levelname)s %(name)s: %(message)s",
        force=True,
    )
    logging.getLogger("app").setLevel(logging.INFO)


def _tell_unusable() -> None:
    """Log once which connectors of other packages are left out."""
    from connectors import registry

    for one in registry.unusable():
        logging.getLogger(__name__).error("%s", one)
