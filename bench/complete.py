"""Completing user tasks over HTTP, beside the floor."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from statistics import median

from bench import notes
from bench.client import Client, Round, call_floor, run_round
from bench.complaints import PATH, answers, prepare
from bench.figure import Figure
from bench.floor import ROWS
from bench.stage import Stage, Web, stage, web

ROUNDS = 7
EACH = 80
WARM_UP = 160


def measure() -> Iterator[Figure]:
    """``complete_vs_floor`` and ``complete_p95_vs_floor``."""
    with stage() as on:
        tasks = prepare(on, WARM_UP + ROUNDS * EACH)
        with web(on) as server:
            pairs = list(_rounds(on, server, tasks))
    for floor, ours in pairs:
        notes.tell(
            f"floor {floor.rate:.0f}/s p95 {floor.p95 * 1000:.1f} ms, "
            f"complete {ours.rate:.0f}/s p95 {ours.p95 * 1000:.1f} ms"
        )
    yield Figure("complete_vs_floor", median(ours.rate / floor.rate for floor, ours in pairs))
    yield Figure("complete_p95_vs_floor", median(ours.p95 / floor.p95 for floor, ours in pairs))


def _rounds(on: Stage, server: Web, tasks: list[int]) -> Iterator[tuple[Round, Round]]:
    body, token = {"data": answers("assess")}, on.tokens[PATH["assess"]]

    def complete(client: Client, task_ids: Sequence[int]) -> None:
        for task_id in task_ids:
            client.expect(200, "POST", f"/api/v1/tasks/{task_id}/complete", body, token)

    run_round(server.port, range(1, ROWS + 1), call_floor)
    run_round(server.port, tasks[:WARM_UP], complete)
    for begin in range(WARM_UP, len(tasks), EACH):
        floor = run_round(server.port, range(1, ROWS + 1), call_floor)
        yield floor, run_round(server.port, tasks[begin : begin + EACH], complete)
