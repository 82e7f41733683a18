"""``python -m bench.bare``: the production worker, which knows one more job: nothing at all."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import cast

from app import config, worker
from app.cli import parts

NOTHING = "bench_nothing"
"""The name of the job that does nothing."""


def do_nothing() -> None:
    """What is left is what the engine of jobs costs by itself."""


if __name__ == "__main__":
    cast("dict[str, Callable[..., None]]", worker.TASKS)[NOTHING] = do_nothing
    sys.exit(parts.worker(config.load()))
