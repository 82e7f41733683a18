"""Fake partners in the test cases of a process: the connectors themselves call them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import bpmn
from app.cli import main
from app.services.deployment.case_partners import KINDS, Partners, without_fake
from tests.house.sources import ROOT

EXAMPLES = ROOT / "docs" / "examples"
PAGE = ROOT / "docs" / "how-to" / "talk-to-a-partner.md"


@pytest.fixture(scope="module")
def partners() -> Iterator[Partners]:
    with Partners(("sms", "email")) as found:
        yield found


def job(kind: str, **inputs: Any) -> bpmn.WaitingJob:
    return bpmn.WaitingJob("k1", "text", kind, {}, inputs, 3)


def test_the_example_of_the_page_is_right_and_tested_whole() -> None:
    for command in (["lint"], ["test", "--min-coverage", "100"]):
        result = CliRunner().invoke(main, [*command, str(EXAMPLES)])
        assert result.exit_code == 0, result.output


def test_the_page_shows_the_example_itself() -> None:
    page = PAGE.read_text("utf-8")
    shown = re.findall(r"```json\n(.*?)```", page, re.DOTALL)
    cases = [EXAMPLES / f"{name}.test.json" for name in ("tell-partners", "order-part")]
    assert list(map(json.loads, shown)) == [json.loads(one.read_text("utf-8")) for one in cases]
    diagram = re.sub(r"\s+", "", (EXAMPLES / "tell-partners.bpmn").read_text("utf-8"))
    for task in re.findall(r"```xml\n(.*?)```", page, re.DOTALL):
        assert re.sub(r"\s+|</bpmn:serviceTask>", "", task) in diagram


def test_a_type_without_a_fake_is_named_with_its_place() -> None:
    assert without_fake((*KINDS, "smpp")) == {len(KINDS) + 1: "smpp"}


def test_what_comes_back_is_the_connector_s_own_result(partners: Partners) -> None:
    told = partners.carry_out(job("sms", to="0912 345 6789", body="سلام"))
    assert isinstance(told, bpmn.CompleteJob)
    assert told.variables["id"]


def test_a_refusal_is_the_error_that_the_diagram_may_catch(partners: Partners) -> None:
    told = partners.carry_out(job("sms", to="12", body="x"))
    assert isinstance(told, bpmn.ThrowError)
    assert told.family == ("not_delivered",)
    mail = partners.carry_out(job("email", to="nobody", subject="x", body="y"))
    assert isinstance(mail, bpmn.ThrowError)
    assert (mail.code, mail.family) == ("not_delivered", ("bad_address",))


def test_what_is_missing_is_a_fault(partners: Partners) -> None:
    told = partners.carry_out(job("sms", body="x"))
    assert isinstance(told, bpmn.FailJob)


def test_a_mail_is_taken(partners: Partners) -> None:
    told = partners.carry_out(job("email", to="a@example.com", subject="x", body="y"))
    assert told == bpmn.CompleteJob("k1", {})


def test_each_case_begins_with_partners_that_have_heard_nothing() -> None:
    say = {"operation": "RegisterComplaint"}
    with Partners(("soap", "sms")) as partners:
        told = []
        for subject in ("one", "two"):
            partners.forget()
            values = {"subject": subject, "kind": "billing"}
            done = [
                partners.carry_out(job("soap", **say, values=values)),
                partners.carry_out(job("sms", to="0912 345 6789", body=subject)),
            ]
            assert all(isinstance(one, bpmn.CompleteJob) for one in done)
            told.append([one.variables for one in done if isinstance(one, bpmn.CompleteJob)])
    (first, _), (second, _) = told
    assert [one["answer"]["complaint"]["subject"] for one in (first, second)] == ["one", "two"]
    assert first["answer"]["complaint"]["number"] == second["answer"]["complaint"]["number"]
    assert told[0][1] == told[1][1]


CASES = """{
  "partners": ["sms"],
  "start": {"data": {"subject": "x", "kind": "x", "customer": "Sara", "phone": "09123456789"}},
  "jobs": {"register": {"answer": {"complaint": {"number": "7"}}}},
  "cases": [{"name": "one", "expect": %s}, {"name": "two", "expect": %s}]
}"""


def test_the_cases_of_a_file_do_not_see_each_other_s_messages(tmp_path: Path) -> None:
    source = (EXAMPLES / "tell-partners.bpmn").read_text("utf-8")
    mapped = '<zeebe:input source="=phone" target="to" />'
    assert mapped in source
    output = '<zeebe:output source="=id" target="text_id" />'
    (tmp_path / "a.bpmn").write_text(source.replace(mapped, f"{mapped}{output}"), "utf-8")
    first = '{"variables": {"text_id": "85463200"}}'
    (tmp_path / "a.test.json").write_text(CASES % (first, first), "utf-8")
    result = CliRunner().invoke(main, ["test", str(tmp_path)])
    assert result.exit_code == 0, result.output


def test_other_types_wait(partners: Partners) -> None:
    assert partners.carry_out(job("soap", operation="Echo")) is None
