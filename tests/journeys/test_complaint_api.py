"""Whole complaints by programs: JSON and bearer tokens, as ``curl`` would send them."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask.testing import FlaskClient

from bpmn import __file__ as bpmn_home
from tests.journeys.pages import Desk
from tests.journeys.program import ASSESSED, COMPLAINT, Api, Jobs, Program


def test_from_submission_to_learning(program: Program, api: Api) -> None:
    assert program.show()["stage"] == "assessment"
    program.bring_to("await_answer")
    shown = program.show()
    assert (shown["status"], shown["stage"], shown["waits_for"]) == (
        "waiting",
        "answer",
        "customer",
    )
    accepted = api("partner").post(f"{program.path}/answer", json={"answer": "accept"})
    assert accepted.get_json()["status"] == "open"
    done = {"done_on": "2026-05-02", "done": "Delivered."}
    assert program.complete("carry_out_remedy", "sara", **done).status_code == 200
    shown = program.show()
    assert (shown["status"], shown["outcome"], shown["priority"]) == ("closed", "accepted", "low")
    cause = {"why_1": "Nobody measured.", "cause_category": "supplier"}
    program.complete("find_cause", "babak", **cause)
    kinds = [event["kind"] for event in program.history()]
    assert kinds[0] == "request_submitted"
    assert program.tasks("maryam") == {}, "what is left is to ask the customer how it was"
    said = api("partner").get(f"{program.path}/messages").get_json()["items"]
    assert [one["direction"] for one in said] == ["outbound"] * 3


def test_completing_twice_answers_409_and_changes_nothing(program: Program, api: Api) -> None:
    path = program.tasks("narges")["assess"]
    program.bring_to("check_facts")
    before = program.show(), program.history(), program.tasks("maryam")
    for data in (ASSESSED, {**ASSESSED, "severity": "high"}, {}):
        again = api("narges").post(f"{path}/complete", json={"data": data})
        assert again.status_code == 409
        assert again.content_type == "application/problem+json"
    assert (program.show(), program.history(), program.tasks("maryam")) == before


def test_of_two_people_the_second_is_told(program: Program, api: Api) -> None:
    path = program.tasks("narges")["assess"]
    assert api("narges").post(f"{path}/claim").status_code == 200
    told = {
        language: api("omid").post(f"{path}/claim", headers={"Accept-Language": language})
        for language in ("en", "fa")
    }
    assert {answer.status_code for answer in told.values()} == {409}
    assert told["en"].get_json()["detail"] == "Narges has already claimed this task."
    assert "نرگس" in told["fa"].get_json()["detail"]
    assert program.complete("assess", "omid", **ASSESSED).status_code == 409


@pytest.mark.parametrize(
    ("language", "said"), [("en", "Choose the impact"), ("fa", "اثر را برگزینید")]
)
def test_a_wrong_form_names_its_fields_in_the_callers_language(
    program: Program, api: Api, language: str, said: str
) -> None:
    before = program.history()
    path = program.tasks("narges")["assess"]
    answer = api("narges").post(
        f"{path}/complete",
        json={"data": {"kind": "complaint", "severity": "enormous"}},
        headers={"Accept-Language": language},
    )
    assert answer.status_code == 422
    errors = answer.get_json()["errors"]
    assert {"data.severity", "data.impact", "data.complexity"} <= set(errors)
    assert errors["data.impact"] == [said]
    assert program.history() == before


def test_a_customers_word_and_withdrawal(program: Program, api: Api) -> None:
    program.bring_to("check_facts")
    said = api("partner").post(f"{program.path}/messages", json={"body": "The floor is wet."})
    assert said.status_code == 201
    program.run_jobs()
    task = api("sara").get(program.tasks("sara")["check_facts"]).get_json()
    assert task["data"]["customer_added"] == "The floor is wet."

    gone = api("partner").post(f"{program.path}/withdraw", json={"reason": "It works again."})
    assert gone.status_code == 200
    program.run_jobs()
    shown = program.show()
    assert (shown["status"], shown["outcome"]) == ("closed", "withdrawn")
    assert program.tasks("maryam") == {}
    again = api("partner").post(f"{program.path}/withdraw", json={})
    assert again.status_code == 409


def test_a_partner_sees_only_its_own(program: Program, api: Api) -> None:
    other = api("sara").post("/api/v1/requests", json=COMPLAINT).headers["Location"]
    assert api("partner").get(other).status_code == 404
    assert api("partner").get("/api/v1/tasks").status_code == 403
    assert api("sara").get(program.path).status_code == 200


def test_a_fault_is_seen_and_mended_by_the_manager(api: Api, run_jobs: Jobs, desk: Desk) -> None:
    deploy_narrow(api("admin"))
    program = Program(api, run_jobs)
    number = program.submit()["number"]
    assert program.complete("assess", "narges", **ASSESSED).status_code == 200

    # The assessor's work is kept; the case stands before the gateway that could not decide.
    assert program.tasks("maryam") == {}
    assert "A new complaint?" in desk("maryam").open("/faults").text
    assert desk("narges").open("/faults").status == 403
    maryam = desk("maryam").open(f"/requests/{number}")
    assert "Could not go on at “A new complaint?”" in maryam.text
    maryam.send("/retry")
    assert "Could not go on at “A new complaint?”" in maryam.text, "the cause is still there"

    instance, fault = standing_fault(api("maryam"), program)
    path = f"/api/v1/instances/{instance}/faults/{fault}/retry"
    assert api("narges").post(path, json={"variables": {"strength": 1}}).status_code == 403
    assert api("maryam").post(path, json={"variables": {"strength": 1}}).status_code == 200
    assert set(program.tasks("sara")) == {"check_facts"}
    assert api("maryam").post(path, json={"variables": {}}).status_code == 409
    assert "Could not go on" not in maryam.open(f"/requests/{number}").page.xpath(
        "string(//main/*[@role='alert'])"
    )
    assert [e["kind"] for e in program.history()].count("fault_raised") == 2


def deploy_narrow(admin: FlaskClient) -> None:
    """A version of the complaint whose first gateway needs a number that nobody gives."""
    shipped = (Path(bpmn_home).parent / "diagrams" / "complaint.bpmn").read_text()
    changed = shipped.replace('=kind != "complaint"', "=12 / strength &gt; 100")
    assert changed != shipped
    answer = admin.post("/api/v1/processes", data=changed.encode(), content_type="application/xml")
    assert answer.status_code == 201, answer.get_json()


def standing_fault(manager: FlaskClient, program: Program) -> tuple[int, int]:
    """The instance of the program's request and its fault that nobody has mended."""
    shown = manager.get("/api/v1/tasks?state=completed").get_json()["items"]
    (instance,) = {item["instance"] for item in shown}
    view = manager.get(f"/api/v1/instances/{instance}").get_json()
    (fault,) = (one["id"] for one in view["faults"] if one["resolved_at"] is None)
    return instance, fault
