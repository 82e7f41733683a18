"""What a deployment says of tasks that go out by channels, and of the templates of letters."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy.orm import Session

import bpmn
from app.access import SYSTEM
from app.errors import DeploymentRefused
from app.services.deployment import call_rules, definitions, linting
from app.services.deployment.judging import Source
from app.services.sending import channel_settings
from app.services.sending.channel_settings import Draft
from tests.app.services.calling import bare, headers
from tests.app.services.story import actor
from tests.bpmn.build import end, flows, io, process, service, start
from tests.support.clock import MovingClock

pytestmark = pytest.mark.usefixtures("partner")


def rules_of(source: bytes, fields: frozenset[str] = frozenset()) -> list[tuple[str, str]]:
    found = call_rules.judge(bpmn.parse(source, "p.bpmn"), fields)
    return [(one.rule, one.severity) for one in found]


def test_a_missing_input_is_found_before_it_runs() -> None:
    assert rules_of(bare("parrot")) == []
    assert rules_of(bare("parrot", {"tone": '="soft"'})) == [("connector.input-missing", "error")]
    # A form or an earlier step may write it.
    assert rules_of(bare("parrot", {"tone": '="soft"'}), frozenset({"text"})) == []


def test_without_any_mapping_the_data_of_the_start_may_bring_it() -> None:
    source = process(start(), service("call", kind="parrot"), end(), flows("start > call > end"))
    assert rules_of(source) == [("connector.input-missing", "warning")]


def test_an_input_that_nothing_takes_is_doubted() -> None:
    source = bare("parrot", {"text": '="x"', "texxt": '="y"'})
    assert rules_of(source) == [("connector.input-unknown", "warning")]


def test_types_that_are_no_kind_s_are_left_to_their_own_rules() -> None:
    for kind in ("find-similar", "teleport"):
        assert rules_of(bare(kind)) == []


def test_a_letter_s_inputs_are_judged_as_those_of_every_kind() -> None:
    letter = {"to": '="a@example.com"', "subject": '="x"', "body": '="y"'}
    assert rules_of(bare("email", letter)) == []
    letter["subjekt"] = letter.pop("subject")
    assert rules_of(bare("email", letter)) == [
        ("connector.input-missing", "error"), ("connector.input-unknown", "warning"),
    ]  # fmt: skip
    # The address has a rule of its own, which judges every letter.
    assert rules_of(bare("email", {"subject": '="x"', "body": '="y"'})) == []


def test_a_text_message_needs_words_or_a_template_of_the_gateway() -> None:
    [found] = call_rules.judge(bpmn.parse(bare("sms", {"to": '="0912"'}), "p.bpmn"), frozenset())
    assert (found.rule, found.severity) == ("connector.input-either", "error")
    assert "“body” or “template”" in found.message["en"]
    assert "«body» یا «template»" in found.message["fa"]
    assert found.remedy is not None
    assert all("body" in words and "template" in words for words in found.remedy.values())
    for one in ("body", "template"):
        assert rules_of(bare("sms", {"to": '="0912"', one: '="x"'})) == []
    # A form or an earlier step may write them; without a mapping, what it is started with.
    assert rules_of(bare("sms", {"to": '="0912"'}), frozenset({"body"})) == []
    source = process(start(), service("call", kind="sms"), end(), flows("start > call > end"))
    assert ("connector.input-either", "warning") in rules_of(source)


def test_a_variable_that_a_template_lacks_is_named(tmp_path: Path) -> None:
    source = process(
        start(), service("tell", headers(template="complaint-question"), kind="notify"), end(),
        flows("start > tell > end"),
    )  # fmt: skip
    [one] = call_rules.judge(bpmn.parse(source, "p.bpmn"), frozenset())
    assert (one.rule, one.severity) == ("template.variable", "warning")
    assert "vars.question" in one.message["en"]
    assert "complaint-question" in one.message["fa"]
    mapped = source.replace(
        b"</zeebe:taskHeaders>",
        b'</zeebe:taskHeaders><zeebe:ioMapping><zeebe:input source="=1" target="question"/>'
        b'<zeebe:input source="=1" target="answer_by"/></zeebe:ioMapping>',
    )
    assert rules_of(mapped) == []


def test_the_channel_that_a_task_names_must_be_there_and_of_its_type(
    session: Session, clock: MovingClock
) -> None:
    def deploy(kind: str) -> None:
        definitions.deploy("p.bpmn", bare(kind, channel="birds"), actor("maryam"), clock())

    with pytest.raises(DeploymentRefused) as refused:
        deploy("parrot")
    assert [one.rule for one in refused.value.findings] == ["reference.channel"]
    draft = Draft("birds", "parrot", options={"place": "garden"})
    channel_settings.save(draft, SYSTEM, clock())
    deploy("parrot")
    with pytest.raises(DeploymentRefused):
        deploy("held-parrot")


def test_a_refused_deployment_names_all_that_is_wrong_at_once(
    session: Session, clock: MovingClock
) -> None:
    source = bare("email", {"to": '="a@example.com"', "body": '="y"'}, channel="nobody")
    with pytest.raises(DeploymentRefused) as refused:
        definitions.deploy("p.bpmn", source, actor("maryam"), clock())
    assert {one.rule for one in refused.value.findings} == {
        "connector.input-missing", "reference.channel",
    }  # fmt: skip


def test_the_lint_leaves_channels_to_the_installation() -> None:
    report = linting.judge([Source("p.bpmn", bare("parrot", channel="birds"))])
    assert report.errors == 0
    assert report.unchecked == {"channel": {"birds"}}


def test_a_type_without_a_kind_is_refused(session: Session, clock: MovingClock) -> None:
    source = process(start(), service("call", io(inputs={"a": "=1"}), kind="teleport"), end(),
                     flows("start > call > end"))  # fmt: skip
    with pytest.raises(DeploymentRefused) as refused:
        definitions.deploy("p.bpmn", source, actor("maryam"), clock())
    assert [one.rule for one in refused.value.findings] == ["reference.job"]
