"""What each process does with its memory once everything is loaded."""

from __future__ import annotations

import gc


def settle_memory() -> None:
    """Spare the garbage collector what is there for good and let it come less often.

    Its full rounds over all loaded code would hold up a request or a job for tens of
    milliseconds, and touching that memory would copy it into every process forked from this one.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
