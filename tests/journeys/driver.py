"""A program that works through Peygir's API while parts of it are being killed.

What got no answer is asked again: with the same Idempotency-Key where something is made, and
by looking where it stands for tasks, of which an answered 409 says that they are done.
"""

from __future__ import annotations

import http.client
import json
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from zlib import crc32

from tests.support.cast import token_of

HANDS: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "assess": ("narges", {"kind": "complaint", "severity": "low", "impact": "low",
                          "complexity": "low"}),
    "check_facts": ("sara", {"findings": "Worn out.", "founded": "yes"}),
    "propose_remedy": ("reza", {"remedy": "replacement", "explanation": "A new one."}),
    "carry_out_remedy": ("sara", {"done_on": "2026-05-02", "done": "Delivered."}),
    "find_cause": ("babak", {"why_1": "Not measured.", "cause_category": "supplier"}),
    "look": ("omid", {"seen": True}),
}  # fmt: skip
"""Who does which step, and what they fill in."""


class Unanswered(Exception):
    """The web died before it answered; whether it acted is not known."""


@dataclass(frozen=True)
class Share:
    """One of so many parts of all work."""

    which: int = 0
    of: int = 1

    def holds(self, number: int) -> bool:
        """Whether what has this number belongs to it."""
        return number % self.of == self.which


@dataclass
class Driver:
    """Submits, completes, answers; remembers what it was told."""

    origin: str
    numbers: dict[int, str] = field(default_factory=dict)
    """The number of each complaint that was answered with 201."""
    runs: dict[int, int] = field(default_factory=dict)
    """The instance of each ping that was answered with 201."""
    done: dict[int, str] = field(default_factory=dict)
    """The login for each task whose completion was answered with 200."""
    odd: list[str] = field(default_factory=list)
    """Answers that no death of a part excuses."""
    unanswered: int = 0
    _tried: set[str] = field(default_factory=set)

    def call(
        self, login: str, method: str, path: str, body: Any = None, key: str = ""
    ) -> tuple[int, Any]:
        """Status and JSON of one call with this person's token; raises Unanswered."""
        headers = {"Authorization": f"Bearer {token_of(login)}", "Content-Type": "application/json"}
        headers |= {"Idempotency-Key": key} if key else {}
        data = None if body is None else json.dumps(body).encode()
        url = f"{self.origin}/api/v1{path}"
        call = urllib.request.Request(url, data, headers, method=method)
        try:
            with urllib.request.urlopen(call, timeout=60) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read())
        except (OSError, http.client.HTTPException, ValueError) as error:
            self.unanswered += 1
            raise Unanswered(str(error)) from error

    def make(self, login: str, path: str, body: Any, key: str) -> Any:
        """What was made, once, however often it had to be asked for."""
        while True:
            try:
                status, made = self.call(login, "POST", path, body, key)
            except Unanswered:
                time.sleep(0.2)
                continue
            if status != 201:
                self.odd.append(f"POST {path}: {status} {made}")
                raise AssertionError(self.odd[-1])
            return made

    def complain(self, n: int) -> None:
        """One complaint, and a message that its customer sends at once."""
        complaint = {
            "service": "complaint", "subject": f"Fridge {n}", "description": "It is warm.",
            "customer": {"name": f"Customer {n}", "email": f"customer{n}@example.com"},
            "data": {"about": "product", "product": f"Fridge {n}"}, "language": "en",
        }  # fmt: skip
        made = self.make("partner", "/requests", complaint, f"complaint-{n}")
        self.numbers[n] = made["number"]
        path = f"/requests/{made['number']}/messages"
        self.make("partner", path, {"body": f"Word {n}"}, f"word-{n}")

    def ping(self, n: int) -> None:
        """One run of the small process with the clock in it."""
        body = {"variables": {"number": n}}
        self.runs[n] = self.make("admin", "/processes/ping/instances", body, f"ping-{n}")["id"]

    def work(self, over: threading.Event, share: Share = Share()) -> None:
        """Does every open task and answers for every customer, round after round; of several who
        do so at the same time, each its share."""
        while not over.is_set():
            try:
                self._finish_tasks(share)
                self._accept_answers(share)
            except Unanswered:
                time.sleep(0.2)
            over.wait(0.2)

    def _finish_tasks(self, share: Share) -> None:
        _, listed = self.call("maryam", "GET", "/tasks?limit=100")
        for task in listed["items"]:
            if not share.holds(task["id"]):
                continue
            login, data = HANDS[task["element"]]
            path = f"/tasks/{task['id']}"
            self._once(login, f"{path}/claim", None, lambda: None)
            done = partial(self.done.update, {task["id"]: login})
            self._once(login, f"{path}/complete", {"data": data}, done)

    def _accept_answers(self, share: Share) -> None:
        _, waiting = self.call("partner", "GET", "/requests?status=waiting&limit=100")
        for request in waiting["items"]:
            if not share.holds(crc32(request["number"].encode())):
                continue
            path = f"/requests/{request['number']}/answer"
            self._once("partner", path, {"answer": "accept"}, lambda: None)

    def _once(self, login: str, path: str, body: Any, told: Callable[[], None]) -> None:
        """Only a call that was tried before may find its work done by an answer that was lost."""
        again = path in self._tried
        self._tried.add(path)
        status, answer = self.call(login, "POST", path, body)
        if status == 200:
            told()
        elif not (again and status == 409):
            self.odd.append(f"POST {path}: {status} {answer}")
