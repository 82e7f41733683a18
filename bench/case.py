"""Whole complaints over HTTP, from submission to the cause found, beside the floor."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from bench import notes
from bench.client import Client, Refused, Round, call_floor, run_round
from bench.complaints import PATH, answers, submission
from bench.figure import Figure
from bench.floor import ROWS
from bench.stage import Stage, Web, stage, web, worker

ROUNDS = 9
"""Many short ones: the disk's moods change the floor by half from one second to the next."""
CASES = 40
"""Complaints of one round; with so many open at once, a client seldom comes too early."""
WARM_UP = 12
ANSWER_AFTER = "propose_remedy"
REQUESTS = 2 + 2 * len(PATH)
"""A submission, a look-up and a completion for each task, and the customer's answer."""
PAUSE = 0.01
"""Seconds to wait when none of the open complaints has got any further."""


@dataclass
class Case:
    """One complaint on its way."""

    submission: dict[str, Any]
    number: str = ""
    task: int | None = None
    left: deque[str] = field(default_factory=lambda: deque(_steps()))


def _steps() -> Iterator[str]:
    """The requests of one complaint, by name."""
    yield "submit"
    for element in PATH:
        yield f"find {element}"
        yield f"complete {element}"
        if element == ANSWER_AFTER:
            yield "answer"


def measure() -> Iterator[Figure]:
    """``case_vs_floor``."""
    with stage() as on, web(on) as server, worker(on):
        pairs = list(_rounds(on, server))
    for floor, ours in pairs:
        calls = len(ours.seconds) / CASES
        notes.tell(
            f"floor {floor.rate:.0f}/s, complaints {ours.rate:.1f}/s with {calls:.1f} requests each"
        )
    ratios = (ours.rate * REQUESTS / floor.rate for floor, ours in pairs)
    yield Figure("case_vs_floor", median(ratios))


def _rounds(on: Stage, server: Web) -> Iterator[tuple[Round, Round]]:
    cases = [Case(submission(number)) for number in range(WARM_UP + ROUNDS * CASES)]

    def handle(client: Client, share: Sequence[Case]) -> None:
        Desk(on.tokens, on.program, client).work(share)

    run_round(server.port, range(1, ROWS + 1), call_floor)
    run_round(server.port, cases[:WARM_UP], handle)
    for begin in range(WARM_UP, len(cases), CASES):
        floor = run_round(server.port, range(1, ROWS + 1), call_floor)
        yield floor, run_round(server.port, cases[begin : begin + CASES], handle)


@dataclass(frozen=True)
class Desk:
    """One client working through its complaints, one request for each in turn."""

    tokens: dict[str, str]
    program: str
    client: Client

    def work(self, cases: Sequence[Case]) -> None:
        """Bring all of them to their end."""
        waiting, missed = deque(cases), 0
        while waiting:
            case = waiting.popleft()
            missed = 0 if self.go_on(case) else missed + 1
            if case.left:
                waiting.append(case)
            if missed > len(waiting):
                time.sleep(PAUSE)

    def go_on(self, case: Case) -> bool:
        """The next request; False when the process has not come so far yet."""
        verb, _, element = case.left[0].partition(" ")
        act = {"submit": self._submit, "find": self._find, "complete": self._complete}
        came = act.get(verb, self._answer)(case, element)
        if came:
            case.left.popleft()
        return came

    def _submit(self, case: Case, _: str) -> bool:
        made = self.client.expect(201, "POST", "/api/v1/requests", case.submission, self.program)
        case.number = made["number"]
        return True

    def _find(self, case: Case, element: str) -> bool:
        path = f"/api/v1/tasks?request={case.number}"
        found = self.client.expect(200, "GET", path, None, self.tokens[PATH[element]])["items"]
        case.task = next((task["id"] for task in found if task["element"] == element), None)
        return case.task is not None

    def _complete(self, case: Case, element: str) -> bool:
        path, body = f"/api/v1/tasks/{case.task}/complete", {"data": answers(element)}
        self.client.expect(200, "POST", path, body, self.tokens[PATH[element]])
        return True

    def _answer(self, case: Case, _: str) -> bool:
        path, body = f"/api/v1/requests/{case.number}/answer", {"answer": "accept"}
        status, answer = self.client.call("POST", path, body, self.program)
        if status not in (200, 409):
            raise Refused(f"POST {path}: {status} {answer}")
        return status == 200
