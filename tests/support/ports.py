"""Ports of 127.0.0.1 for servers that cannot choose one by themselves."""

from __future__ import annotations

import os
import random
import socket
from contextlib import suppress
from pathlib import Path

_LOWEST = 20_000
_GIVEN: set[int] = set()


def free_port() -> int:
    """A port on which nobody listens; no two calls give the same, nor do two test processes.

    It lies below those that the system gives to callers and to whoever asks for any port. One of
    these could be taken between our look and the server's start, or while it is started again;
    and who calls a port of his own range on which nobody listens may be connected to himself.
    """
    while True:
        port = random.SystemRandom().randrange(*_own_range())
        if port not in _GIVEN and _is_free(port):
            _GIVEN.add(port)
            return port


def _own_range() -> tuple[int, int]:
    """One of several slices, by the number of the test process."""
    name = os.environ.get("PYTEST_XDIST_WORKER", "gw0")
    slices, which = 8, int(name.removeprefix("gw")) % 8
    width = (_first_of_the_systems() - _LOWEST) // slices
    return _LOWEST + which * width, _LOWEST + (which + 1) * width


def _first_of_the_systems() -> int:
    with suppress(OSError, ValueError):
        first = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
        # A system that gives nearly all ports to callers leaves us none of our own.
        return first if first > _LOWEST + 1000 else 32_768
    return 32_768


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
