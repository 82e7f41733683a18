"""How a process of ours hears that it is to end."""

from __future__ import annotations

import signal
import threading


def asked_to_end() -> threading.Event:
    """Set once this process is asked to end, by SIGTERM or SIGINT."""
    over = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: over.set())
    return over
