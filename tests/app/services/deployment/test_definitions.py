"""Deploying: versions by content, refusals with their place, running instances undisturbed."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy.orm import Session

import bpmn
from app.errors import DeploymentRefused, NotFound
from app.services.deployment import definitions, shipped
from app.services.execution import processes
from tests.app.services.story import actor, submit
from tests.support.clock import MovingClock

SOURCE = (Path(__file__).parents[1] / "divide.bpmn").read_bytes()
COMPLAINT = (shipped.DIAGRAMS / "complaint.bpmn").read_bytes()


def refusals(source: bytes, clock: MovingClock) -> list[tuple[str, str]]:
    with pytest.raises(DeploymentRefused) as refused:
        definitions.deploy("a.bpmn", source, actor("admin"), clock())
    assert all(finding.line > 0 for finding in refused.value.findings)
    assert all(set(finding.message) == {"fa", "en"} for finding in refused.value.findings)
    return [(f.element, f.rule) for f in refused.value.findings if f.severity == "error"]


def test_the_same_bytes_are_the_same_version(session: Session, clock: MovingClock) -> None:
    first = definitions.deploy("divide.bpmn", SOURCE, actor("admin"), clock())
    again = definitions.deploy("divide.bpmn", SOURCE, actor("admin"), clock())
    assert again.id == first.id
    changed = SOURCE.replace(b'name="Agree"', b'name="Agree or not"')
    second = definitions.deploy("divide.bpmn", changed, actor("admin"), clock())
    assert (first.version, second.version) == (1, 2)
    assert definitions.latest("divide").id == second.id


def test_old_content_deployed_again_is_the_newest(session: Session, clock: MovingClock) -> None:
    definitions.deploy("divide.bpmn", SOURCE, actor("admin"), clock())
    changed = SOURCE.replace(b'name="Agree"', b'name="Agree or not"')
    definitions.deploy("divide.bpmn", changed, actor("admin"), clock())
    back = definitions.deploy("divide.bpmn", SOURCE, actor("admin"), clock())
    assert back.version == 3
    assert definitions.latest("divide").id == back.id


def test_a_start_leaves_the_organisations_own_version_alone(
    session: Session, clock: MovingClock
) -> None:
    own = COMPLAINT.replace(b'name="Complaint handling"', b'name="Our complaints"')
    ours = definitions.deploy("complaint.bpmn", own, actor("admin"), clock())
    shipped.install(clock())
    assert definitions.latest("complaint").id == ours.id


def test_a_running_instance_keeps_its_version(session: Session, clock: MovingClock) -> None:
    first = definitions.deploy("divide.bpmn", SOURCE, actor("admin"), clock())
    instance = processes.start(first, {"share": 3}, actor("admin"), clock())
    changed = SOURCE.replace(b'id="agree"', b'id="agree_now"').replace(b'"agree"', b'"agree_now"')
    definitions.deploy("divide.bpmn", changed, actor("admin"), clock())
    assert [task.element for task in processes.inspect(instance).user_tasks] == ["agree"]


@pytest.mark.parametrize(
    ("found", "put", "element", "kind"),
    [
        ('candidateGroups="intake"', 'candidateGroups="nobody"', "agree", "group"),
        (
            "<zeebe:userTask />",
            '<zeebe:userTask /><zeebe:formDefinition formId="none" />',
            "agree",
            "form",
        ),
    ],
)
def test_a_name_that_leads_nowhere_is_refused(
    session: Session, clock: MovingClock, found: str, put: str, element: str, kind: str
) -> None:
    source = SOURCE.replace(found.encode(), put.encode(), 1)
    assert (element, f"reference.{kind}") in refusals(source, clock)


def test_an_undeployed_decision_is_refused(session: Session, clock: MovingClock) -> None:
    source = COMPLAINT.replace(b'"complaint_priority"', b'"no_such_decision"')
    assert ("set_priority", "reference.decision") in refusals(source, clock)


def test_a_missing_message_text_is_refused(session: Session, clock: MovingClock) -> None:
    source = COMPLAINT.replace(b'"complaint-acknowledged"', b'"no-such-text"')
    assert ("acknowledge", "reference.template") in refusals(source, clock)


def test_a_broken_expression_is_refused_at_its_element(
    session: Session, clock: MovingClock
) -> None:
    source = SOURCE.replace(b"=12 / share &gt; 2", b"=12 / ").replace(b"=12 / share > 2", b"=12 / ")
    elements = {element for element, _ in refusals(source, clock)}
    assert elements & {"f3", "decide"}


@pytest.mark.parametrize(
    "source",
    [
        b"",
        b"not xml",
        b"<bpmn:definitions",
        b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>',
        b"\x00\x01\x02",
        "<تعریف/>".encode(),
        b"<a/>" + b" " * (definitions.LARGEST_FILE + 1),
    ],
)
def test_what_is_no_diagram_is_refused(session: Session, clock: MovingClock, source: bytes) -> None:
    with pytest.raises(DeploymentRefused):
        definitions.deploy("a.bpmn", source, actor("admin"), clock())


def test_shipped_files_are_installed_once(session: Session, clock: MovingClock) -> None:
    before = [(row.key, row.version) for row in definitions.list_latest()]
    shipped.install(clock())
    assert [(row.key, row.version) for row in definitions.list_latest()] == before
    assert ("complaint", 1) in before


def test_decisions_are_pinned_at_the_start(session: Session, clock: MovingClock) -> None:
    request = submit(clock())
    (instance,) = processes.of_request(request.id)
    priority = definitions.latest("complaint_priority_definitions", "dmn")
    approval = definitions.latest("complaint_approval_definitions", "dmn")
    assert instance.decisions == {
        "complaint_priority": priority.id,
        "complaint_approval": approval.id,
    }


@pytest.mark.parametrize("name", ["n" * 300 + ".bpmn", "a\x00b.bpmn", "a\udc80.bpmn", "../a.bpmn"])
def test_whatever_a_file_is_called_it_can_be_kept(
    session: Session, clock: MovingClock, name: str
) -> None:
    row = definitions.deploy(name, SOURCE, actor("admin"), clock())
    session.flush()
    assert row.filename.endswith(".bpmn")
    assert len(row.filename) <= 200
    assert not {"/", "\x00", "\udc80"} & set(row.filename)


def test_unknown_keys_are_not_found(session: Session) -> None:
    with pytest.raises(NotFound):
        definitions.latest("nothing")


def test_variables_that_json_cannot_hold_are_refused(session: Session, clock: MovingClock) -> None:
    row = definitions.deploy("divide.bpmn", SOURCE, actor("admin"), clock())
    definition = definitions.load(row.id)
    with pytest.raises(bpmn.BadVariables):
        bpmn.start(definition, {"share": float("nan")}, clock())


def test_a_deployed_version_runs_on_when_the_rules_become_stricter(
    session: Session, clock: MovingClock
) -> None:
    row = definitions.deploy("divide.bpmn", SOURCE, actor("admin"), clock())
    row.source = SOURCE.replace(b'name="Agree"', b'name="Agree" startQuantity="2"')
    session.flush()
    definitions.forget()
    with pytest.raises(DeploymentRefused):
        definitions.read_together([("divide.bpmn", row.source)])
    definition = definitions.load(row.id)
    assert "element.attribute" in {found.rule for found in definition.warnings}
    assert bpmn.start(definition, {}, clock()).status == "active"
    definitions.forget()
