"""Parts of Peygir, forked where all is loaded already, as ``peygir run`` forks them.

Whoever kills and starts parts hundreds of times would spend most of it on loading them.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Any, Self

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Child:
    """A part that runs, a process group of its own; as much of a ``Popen`` as is needed of it."""

    pid: int

    def terminate(self) -> None:
        """Asks it to end; one that has ended already is left alone, as by ``Popen``."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGTERM)

    def poll(self) -> int | None:
        """None while it runs."""
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return 0
        return None

    def wait(self, timeout: float = 10) -> None:
        """Returns when it has ended; raises ``subprocess.TimeoutExpired``."""
        deadline = time.monotonic() + timeout
        while self.poll() is None:
            if time.monotonic() > deadline:
                raise subprocess.TimeoutExpired("a part of Peygir", timeout)
            time.sleep(0.01)


class Nursery:
    """Use it in a ``with`` block; ``start`` gives a running part. They end with the nursery."""

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "tests.support.nursery"]
        pipe: Any = subprocess.PIPE
        self._process = subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.communicate()

    def start(self, part: str, environment: Mapping[str, str], log: Path) -> Child:
        """The part of this name, begun with this environment."""
        order = {"part": part, "environment": dict(environment), "log": str(log)}
        asked, answer = self._process.stdin, self._process.stdout
        if asked is None or answer is None:
            raise RuntimeError("the nursery has no pipes")
        asked.write(json.dumps(order) + "\n")
        asked.flush()
        return Child(int(answer.readline()))


def main() -> None:
    """Load everything once; then fork one part for each line that comes."""
    _load()
    # Whoever ends is forgotten by the system at once, and nobody has to ask for it.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        print(_start(**json.loads(line)), flush=True)  # noqa: T201  # The answer.


def _load() -> None:
    from app import clock, create_app, serve, worker  # noqa: F401  # Loaded for the children.
    from app.config import Settings

    with TemporaryDirectory() as folder:
        create_app(Settings(Path(folder), "a-secret-for-tests", "postgresql+psycopg:///none"))


def _start(part: str, environment: dict[str, str], log: str) -> int:
    from app.supervisor import Part

    child = Part(part, partial(_live, part, environment, log))
    child.start()
    pid = child.pid or 0
    # Whoever kills it kills its group, which it must have by then.
    while os.getpgid(pid) != pid:
        time.sleep(0.001)
    return pid


def _live(part: str, environment: Mapping[str, str], log: str) -> int:
    from app.cli.edge import settings_of_part
    from app.cli.parts import PARTS

    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.environ.clear()
    os.environ.update(environment)
    _write_to(log)
    main: Callable[..., int] = PARTS[part]
    return main(settings_of_part(part))


def _write_to(log: str) -> None:
    """What it says goes to its log; the lines that order other parts are not for it."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    written = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for number, place in ((0, nothing), (1, written), (2, written)):
        os.dup2(place, number)


if __name__ == "__main__":
    main()
