"""Processes over HTTP: deployed or refused with every reason, started, mended."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

import bpmn
from tests.app.api import diagrams
from tests.bpmn import build

Api = Callable[[str], FlaskClient]
SHIPPED = Path(bpmn.__file__).parent / "diagrams"


def deploy(client: FlaskClient, source: bytes, filename: str = "") -> TestResponse:
    path = f"/api/v1/processes?filename={filename}" if filename else "/api/v1/processes"
    return client.post(path, data=source, content_type="application/xml")


def start(client: FlaskClient, key: str, **variables: Any) -> TestResponse:
    return client.post(f"/api/v1/processes/{key}/instances", json={"variables": variables})


def test_a_diagram_is_deployed(api: Api) -> None:
    answer = deploy(api("admin"), diagrams.one_step(), "one.bpmn")
    made = answer.get_json()
    assert answer.status_code == 201
    assert (made["key"], made["kind"], made["version"]) == ("one-step", "bpmn", 1)
    assert made["filename"] == "one.bpmn"
    listed = api("sara").get("/api/v1/processes").get_json()["items"]
    assert "one-step" in [item["key"] for item in listed]


def test_the_same_bytes_are_the_same_version(api: Api) -> None:
    for source, version in ((b"", 1), (b"", 1), (b"\n<!-- changed -->", 2)):
        made = deploy(api("admin"), diagrams.one_step() + source).get_json()
        assert made["version"] == version
    shown = api("sara").get("/api/v1/processes/one-step").get_json()
    assert [item["version"] for item in shown["versions"]] == [2, 1]


def test_a_version_may_carry_tags(api: Api) -> None:
    source = diagrams.one_step()
    tagged = api("admin").post(
        "/api/v1/processes?tag=blue", data=source, content_type="application/xml"
    )
    assert (tagged.get_json()["version"], tagged.get_json()["tags"]) == (1, ["blue"])
    assert deploy(api("admin"), source).get_json()["tags"] == ["blue"]
    shown = api("sara").get("/api/v1/processes/one-step").get_json()
    assert shown["tags"] == ["blue"]


def test_an_instance_tells_what_it_calls(api: Api) -> None:
    calls = build.process(
        build.start(), build.call("c", "one-step"), build.end(),
        build.flows("start > c > end"), key="calls",
    )  # fmt: skip
    refused = deploy(api("admin"), calls, "calls.bpmn")
    assert refused.status_code == 422
    assert "c" in [one["element"] for one in refused.get_json()["findings"]]
    deploy(api("admin"), diagrams.one_step())
    assert deploy(api("admin"), calls).status_code == 201
    made = start(api("admin"), "calls").get_json()
    (called,) = made["called"]
    assert (called["process"], called["version"], called["tokens"]) == ("one-step", 1, ["do"])
    assert made["tokens"] == ["c"]
    assert [one["definition"] for one in made["places"]] == [None, called["sha256"]]
    assert [one["element"] for one in made["tasks"]] == ["do"]
    deploy(api("admin"), diagrams.narrow_gate("one-step"))
    gate = start(api("admin"), "calls").get_json()
    assert [one["called_process"] for one in gate["faults"]] == ["one-step"]


def test_a_decision_table_is_deployed(api: Api) -> None:
    source = (SHIPPED / "complaint-priority.dmn").read_bytes()
    answer = deploy(api("admin"), source + b"\n<!-- again -->", "priority.dmn")
    made = answer.get_json()
    assert answer.status_code == 201
    assert (made["kind"], made["version"]) == ("dmn", 2)
    path = f"/api/v1/processes/{made['key']}"
    assert api("sara").get(f"{path}?kind=dmn").get_json()["version"] == 2
    assert api("sara").get(path).status_code == 404


def test_every_finding_says_where_and_what(api: Api) -> None:
    answer = deploy(api("admin"), diagrams.broken(), "broken.bpmn")
    assert answer.status_code == 422
    findings = answer.get_json()["findings"]
    assert findings
    for finding in findings:
        assert finding["line"] > 0
        assert finding["file"] == "broken.bpmn"
        assert finding["element"] == "do"
        assert finding["message"]
    assert api("admin").get("/api/v1/processes/broken").status_code == 404


def test_findings_speak_the_readers_language(api: Api) -> None:
    answer = api("admin").post(
        "/api/v1/processes",
        data=diagrams.broken(),
        content_type="application/xml",
        headers={"Accept-Language": "fa"},
    )
    message = answer.get_json()["findings"][0]["message"]
    assert any("\u0600" <= letter <= "\u06ff" for letter in message)


@pytest.mark.parametrize(
    "source",
    [
        b"",
        b"not xml",
        b"\x00\xff\xfe",
        b"<a/>",
        b"<a",
        b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
        b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
        b'<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/"/>',
    ],
)
def test_what_is_no_diagram_is_refused(api: Api, source: bytes) -> None:
    answer = deploy(api("admin"), source)
    assert answer.status_code == 422, answer.get_data(as_text=True)
    assert answer.get_json()["findings"]


def test_a_file_has_its_limit_and_its_type(api: Api) -> None:
    assert deploy(api("admin"), b" " * (2 * 1024 * 1024 + 1)).status_code == 413
    wrong = api("admin").post("/api/v1/processes", json={})
    assert wrong.status_code == 415
    assert "application/xml" in wrong.get_json()["detail"]


def test_any_process_is_started(api: Api) -> None:
    deploy(api("admin"), diagrams.one_step())
    answer = start(api("admin"), "one-step", colour="سبز")
    made = answer.get_json()
    assert answer.status_code == 201
    assert answer.headers["Location"] == f"/api/v1/instances/{made['id']}"
    assert (made["state"], made["tokens"]) == ("active", ["do"])
    assert made["variables"] == {"colour": "سبز"}
    assert [task["element"] for task in made["tasks"]] == ["do"]
    assert api("sara").get(answer.headers["Location"]).get_json() == made


def test_an_unknown_process_is_not_started(api: Api) -> None:
    assert start(api("admin"), "nothing").status_code == 404


def test_a_fault_is_seen_mended_and_retried(api: Api) -> None:
    deploy(api("admin"), diagrams.narrow_gate())
    made = start(api("admin"), "narrow-gate", amount=5).get_json()
    (fault,) = made["faults"]
    assert (made["state"], fault["element"], fault["resolved_at"]) == ("active", "gate", None)

    path = f"/api/v1/instances/{made['id']}/faults/{fault['id']}/retry"
    again = api("maryam").post(path, json={}).get_json()
    assert [one["resolved_at"] is None for one in again["faults"]] == [False, True]

    path = f"/api/v1/instances/{made['id']}/faults/{again['faults'][1]['id']}/retry"
    mended = api("maryam").post(path, json={"variables": {"amount": 50}}).get_json()
    assert mended["state"] == "completed"
    assert mended["variables"]["amount"] == 50
    assert api("maryam").post(path, json={}).status_code == 409


def test_a_fault_is_retried_at_its_own_instance(api: Api) -> None:
    deploy(api("admin"), diagrams.narrow_gate())
    one = start(api("admin"), "narrow-gate", amount=5).get_json()
    other = start(api("admin"), "narrow-gate", amount=6).get_json()
    path = f"/api/v1/instances/{other['id']}/faults/{one['faults'][0]['id']}/retry"
    assert api("maryam").post(path, json={}).status_code == 404


def test_a_message_reaches_who_waits_for_it(api: Api) -> None:
    deploy(api("admin"), diagrams.waits_for_payment())
    made = start(api("admin"), "payment", order="A-7").get_json()
    waiting = {"element": "wait", "called_process": None, "name": "paid", "correlation": "A-7"}
    assert made["messages"] == [waiting]
    path = f"/api/v1/instances/{made['id']}/messages"
    paid = {"name": "paid", "correlation": "A-8", "variables": {"sum": 12}}
    assert api("admin").post(path, json=paid).status_code == 409
    heard = api("admin").post(path, json=paid | {"correlation": "A-7"})
    assert heard.status_code == 200, heard.get_data(as_text=True)
    assert heard.get_json()["state"] == "completed"
    assert heard.get_json()["variables"]["sum"] == 12
    assert api("admin").post(path, json=paid | {"correlation": "A-7"}).status_code == 409


def test_an_instance_that_is_not_there(api: Api) -> None:
    assert api("admin").get("/api/v1/instances/99").status_code == 404


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("map", [], "این‌جا یک شیء JSON بنویسید."),
        ("map", None, "این فیلد نمی‌تواند null باشد."),
        ("dry_run", "maybe", "این‌جا true یا false بنویسید."),
        ("version", 1.5, "این‌جا عدد درست بنویسید."),
    ],
)
def test_an_order_to_move_is_refused_in_the_language_of_the_reader(
    api: Api, field: str, value: object, told: str
) -> None:
    body = {"version": 1, field: value}
    headers = {"Accept-Language": "fa"}
    answer = api("admin").post("/api/v1/processes/complaint/migrate", json=body, headers=headers)
    assert (answer.status_code, answer.get_json()["errors"]) == (422, {field: [told]})
