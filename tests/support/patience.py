"""How long a test may wait or work: enough for a slow or busy machine, too short for the fault.

A test that waits for what should come names the seconds of a machine with nothing else to do.
:func:`patient` makes of them what fails only where it never comes, or long after.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable

import pytest

LEAST = 4.0
"""How much slower than ours a machine may be that looks idle: its load tells nothing of the
machine around a container, nor of what began a moment ago."""


def patient(seconds: float) -> float:
    """So many seconds of a machine with nothing else to do, on this one as it is."""
    return seconds * max(LEAST, 2 * os.getloadavg()[0] / (os.cpu_count() or 1))


def wait_until(
    true: Callable[[], object],
    seconds: float = 30,
    complaint: Callable[[], str] = lambda: "it did not happen in time",
) -> None:
    """Returns as soon as ``true()`` is; fails with the complaint after so many seconds, or more
    of them on a slower machine, see :func:`patient`."""
    begun = time.monotonic()
    while not true():
        # Asked anew each time: other work may begin only after we have.
        if time.monotonic() - begun > patient(seconds):
            pytest.fail(complaint())
        time.sleep(0.05)
