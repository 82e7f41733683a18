"""Several people act on one case in the same moment: one order of events, and nothing half."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app.doctor.processes import check_processes
from tests.journeys.program import ASSESSED, Api, Jobs, Program
from tests.support.clock import MovingClock

FACTS = {"findings": "Worn out.", "founded": "yes"}


@pytest.fixture(autouse=True)
def agreement(app: Flask) -> Iterator[None]:
    """Whatever happened, what the tables say is what the engine's states say."""
    yield
    with app.app_context():
        findings = [f.text for f in check_processes() if f.state == "problem"]
    assert findings == []


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """What each call gives, all of them made in the same moment."""
    start, given = threading.Barrier(len(calls)), [None] * len(calls)

    def make(number: int) -> None:
        start.wait()
        given[number] = calls[number]()

    threads = [threading.Thread(target=make, args=(n,)) for n in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return given


def post(api: Api, login: str, path: str, **body: Any) -> Callable[[], TestResponse]:
    """The call, to be made later."""
    client = api(login)
    return lambda: client.post(path, json=body)


def statuses(answers: list[TestResponse]) -> list[int]:
    return sorted(answer.status_code for answer in answers)


def events(program: Program, kind: str) -> int:
    return [event["kind"] for event in program.history()].count(kind)


def causes(program: Program, kind: str) -> int:
    steps = [event["data"]["cause"] for event in program.history() if event["kind"] == "step"]
    return [cause["kind"] for cause in steps].count(kind)


def test_tasks_beside_each_other_are_completed_at_once(program: Program, api: Api) -> None:
    grave = {**ASSESSED, "severity": "high", "impact": "high"}
    more = {"people_concerned": 12, "units": ["intake", "quality"], "unit_question": "When?"}
    assert program.complete("assess", "narges", **grave, **more).status_code == 200
    tasks = {
        "check_facts": ("sara", FACTS),
        "review_legally": ("maryam", {"legal_opinion": "We owe it."}),
    }
    units = api("maryam").get("/api/v1/tasks?limit=100").get_json()["items"]
    asked = [f"/api/v1/tasks/{one['id']}" for one in units if one["element"] == "ask_unit"]
    assert len(asked) == 2
    answers = at_once(
        *(
            post(api, login, f"{program.tasks('maryam')[element]}/complete", data=data)
            for element, (login, data) in tasks.items()
        ),
        *(
            post(api, "maryam", f"{path}/complete", data={"unit_answer": f"By {path[-1]}"})
            for path in asked
        ),
    )
    assert statuses(answers) == [200] * 4, [answer.get_json() for answer in answers]
    assert set(program.tasks("maryam")) == {"propose_remedy"}
    said = api("maryam").get(program.tasks("maryam")["propose_remedy"]).get_json()["data"]
    assert (said["findings"], said["legal_opinion"]) == ("Worn out.", "We owe it.")
    assert sorted(one["answer"] for one in said["unit_answers"]) == sorted(
        f"By {path[-1]}" for path in asked
    )


def test_a_withdrawal_meets_a_completion(program: Program, api: Api) -> None:
    program.bring_to("check_facts")
    task = program.tasks("sara")["check_facts"]
    done, withdrawn = at_once(
        post(api, "sara", f"{task}/complete", data=FACTS),
        post(api, "partner", f"{program.path}/withdraw", reason="It works again."),
    )
    program.run_jobs()
    assert withdrawn.status_code == 200
    assert done.status_code in (200, 409)
    shown = program.show()
    assert (shown["status"], shown["outcome"]) == ("closed", "withdrawn")
    assert program.tasks("maryam") == {}
    assert causes(program, "task_completed") == 1 + (done.status_code == 200)


def test_of_two_answers_of_the_customer_one_counts(program: Program, api: Api) -> None:
    program.bring_to("await_answer")
    answers = at_once(
        post(api, "partner", f"{program.path}/answer", answer="accept"),
        post(api, "partner", f"{program.path}/answer", answer="object", reason="No."),
        post(api, "partner", f"{program.path}/answer", answer="accept"),
    )
    assert statuses(answers) == [200, 409, 409]
    assert events(program, "customer_answered") == 1
    (waiting,) = program.tasks("maryam")
    assert waiting == ("review_again" if answers[1].status_code == 200 else "carry_out_remedy")
    said = api("partner").get(f"{program.path}/messages").get_json()["items"]
    objections = [one for one in said if one["direction"] == "inbound"]
    assert len(objections) == (answers[1].status_code == 200)


def test_an_answer_meets_the_end_of_its_time(
    program: Program, api: Api, app: Flask, run_jobs: Jobs, clock: MovingClock
) -> None:
    from app.clock import tick

    program.bring_to("await_answer")
    clock.move(days=30)
    tick(app)
    answer, _ = at_once(post(api, "partner", f"{program.path}/answer", answer="accept"), run_jobs)
    run_jobs()
    assert answer.status_code in (200, 409)
    assert set(program.tasks("sara")) == {"carry_out_remedy"}
    assert causes(program, "timer") == (answer.status_code == 409)
    assert causes(program, "message") == (answer.status_code == 200)


def test_many_messages_of_a_customer_are_all_put_on_file(program: Program, api: Api) -> None:
    program.bring_to("check_facts")
    words = [f"Word {n}." for n in range(4)]
    path = f"{program.path}/messages"
    answers = at_once(*(post(api, "partner", path, body=word) for word in words))
    assert statuses(answers) == [201] * 4
    program.run_jobs()
    task = api("sara").get(program.tasks("sara")["check_facts"]).get_json()
    assert sorted(task["data"]["customer_added"].split("\n\n")) == words
