"""Clients that keep their connection, and rounds in which several of them work at once."""

from __future__ import annotations

import http.client
import json
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

CLIENTS = 4
MOST_TRIES = 200

Work = TypeVar("Work")


class Refused(Exception):
    """An answer that the measurement did not expect."""


@dataclass
class Client:
    """One connection to the web server; every answer's time is kept, in seconds."""

    port: int
    seconds: list[float] = field(default_factory=list)
    cookie: str | None = None

    def __post_init__(self) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    def call(
        self, method: str, path: str, body: Any = None, token: str | None = None
    ) -> tuple[int, Any]:
        """The status and the JSON of an answer."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        sent = None
        if body is not None:
            sent, headers["Content-Type"] = json.dumps(body).encode(), "application/json"
        status, text = self.fetch(method, path, sent, headers)
        return status, json.loads(text)

    def fetch(
        self, method: str, path: str, body: bytes | None, headers: dict[str, str]
    ) -> tuple[int, bytes]:
        """The status and the body of an answer."""
        begun = time.perf_counter()
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        text = answer.read()
        self.seconds.append(time.perf_counter() - begun)
        return answer.status, text

    def expect(
        self, status: int, method: str, path: str, body: Any = None, token: str | None = None
    ) -> Any:
        """The JSON of an answer with this status; raises Refused for any other."""
        found, answer = self.call(method, path, body, token)
        if found != status:
            raise Refused(f"{method} {path}: {found} {answer}")
        return answer

    def close(self) -> None:
        """Close the connection."""
        self.connection.close()


@contextmanager
def clients(port: int, workers: int = 2) -> Iterator[list[Client]]:
    """Four connected clients, the same number at each worker of the server.

    Which worker takes a connection is chance; left to it, some rounds would find all four
    clients at one worker and measure something else.
    """
    chosen: list[Client] = []
    taken: Counter[int] = Counter()
    for _ in range(MOST_TRIES):
        client = Client(port)
        pid = client.expect(200, "GET", "/floor/worker")["pid"]
        if taken[pid] < CLIENTS // workers:
            taken[pid] += 1
            client.seconds.clear()
            chosen.append(client)
        else:
            client.close()
        if len(chosen) == CLIENTS:
            break
    else:
        raise Refused("The server's workers do not share the connections.")
    yield chosen
    for client in chosen:
        client.close()


@dataclass(frozen=True)
class Round:
    """What several clients did at once: requests per second, and each answer's seconds."""

    rate: float
    seconds: tuple[float, ...]

    @property
    def p95(self) -> float:
        """The time, in seconds, within which 95 of 100 answers came."""
        return sorted(self.seconds)[int(len(self.seconds) * 0.95)]


def run_round(
    port: int,
    work: Sequence[Work],
    act: Callable[[Client, Sequence[Work]], object],
    workers: int = 2,
) -> Round:
    """Share the work out among the clients and let each do its share, all at once."""
    with clients(port, workers) as ready, ThreadPoolExecutor(CLIENTS) as pool:
        shares = [work[number::CLIENTS] for number in range(CLIENTS)]
        begun = time.perf_counter()
        running = [pool.submit(act, *pair) for pair in zip(ready, shares, strict=True)]
        for done in running:
            done.result()
        lasted = time.perf_counter() - begun
        return Round(len(work) / lasted, tuple(s for client in ready for s in client.seconds))


def call_floor(client: Client, row_ids: Sequence[int]) -> None:
    """Call the floor once for each of these rows."""
    for row_id in row_ids:
        client.expect(200, "POST", f"/floor/{row_id}")
