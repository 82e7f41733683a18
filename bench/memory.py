"""The memory of a web worker after ten thousand requests of every kind."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from urllib.parse import urlencode

import psutil

from bench import notes
from bench.client import Client, Refused, run_round
from bench.complaints import PATH, answers, prepare
from bench.figure import Figure
from bench.stage import PASSWORD, Stage, Web, stage, web

REQUESTS = 10_000
COMPLAINTS = 340
"""Prepared complaints; three completions of each need no letter between them."""
ELEMENTS = ("assess", "check_facts", "propose_remedy")
TURN = REQUESTS // COMPLAINTS
"""Requests about one complaint."""
SAMPLES = 10
MEGABYTE = 1024 * 1024


def measure() -> Iterator[Figure]:
    """``web_rss_mb`` at the end, and ``web_rss_growth`` of the second half over the first."""
    with stage() as on:
        tasks = prepare(on, COMPLAINTS)
        with web(on, workers=1) as server:
            sizes = [_size(server), *_sizes(on, server, tasks)]
    notes.tell("MB as it went: " + ", ".join(f"{size:.1f}" for size in sizes))
    yield Figure("web_rss_mb", sizes[-1])
    yield Figure("web_rss_growth", sizes[-1] / sizes[len(sizes) // 2])


def _sizes(on: Stage, server: Web, tasks: list[int]) -> Iterator[float]:
    """The memory after each tenth of the requests, in MB."""
    cookie = sign_in(server.port, "maryam")

    def visit(client: Client, share: Sequence[int]) -> None:
        for task in share:
            _Visit(on, client, cookie).about(task)

    each = len(tasks) // SAMPLES
    for begin in range(0, each * SAMPLES, each):
        run_round(server.port, tasks[begin : begin + each], visit, workers=1)
        yield _size(server)


def _size(server: Web) -> float:
    (worker,) = psutil.Process(server.pid).children()
    return float(worker.memory_info().rss) / MEGABYTE


class _Visit:
    """Everything that is asked about one complaint: a third of it pages, a tenth completions."""

    def __init__(self, on: Stage, client: Client, cookie: str) -> None:
        self.tokens, self.client, self.cookie = on.tokens, client, cookie
        self.left = TURN

    def about(self, task: int) -> None:
        """Read, work and read again, until the complaint has had its share of requests."""
        number = self._get(f"/api/v1/tasks/{task}", "narges")["request"]
        for element in ELEMENTS:
            login = PATH[element]
            found = self._get(f"/api/v1/tasks?request={number}", login)["items"][0]["id"]
            path, body = f"/api/v1/tasks/{found}/complete", {"data": answers(element)}
            self.client.expect(200, "POST", path, body, self.tokens[login])
            self.left -= 1
        pages = ("/", f"/requests/{number}", "/requests")
        while self.left > 0:
            self._page(pages[self.left % len(pages)])
            self._get(f"/api/v1/requests/{number}", "sara")
            self._get(f"/api/v1/requests/{number}/history", "sara")

    def _get(self, path: str, login: str) -> dict[str, list[dict[str, int]]]:
        self.left -= 1
        found: dict[str, list[dict[str, int]]] = self.client.expect(
            200, "GET", path, None, self.tokens[login]
        )
        return found

    def _page(self, path: str) -> None:
        self.left -= 1
        status, _ = self.client.fetch("GET", path, None, {"Cookie": self.cookie})
        if status != 200:
            raise Refused(f"GET {path}: {status}")


def sign_in(port: int, login: str) -> str:
    """The cookie of a person signed in through the page."""
    client = Client(port)
    client.connection.request("GET", "/login")
    answer = client.connection.getresponse()
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', answer.read().decode())
    cookie = (answer.getheader("Set-Cookie") or "").partition(";")[0]
    if token is None:
        raise Refused("The sign-in page has no CSRF token.")
    form = urlencode({"login": login, "password": PASSWORD, "csrf_token": token[1]})
    headers = {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
    client.connection.request("POST", "/login", form, headers)
    answer = client.connection.getresponse()
    answer.read()
    client.close()
    if answer.status not in (302, 303):
        raise Refused(f"POST /login: {answer.status}")
    return (answer.getheader("Set-Cookie") or "").partition(";")[0]
