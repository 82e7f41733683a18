"""What ``peygir lint`` says of a file is what its deployment says."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

import bpmn
from app.errors import DeploymentRefused
from app.services.deployment import definitions, linting
from app.services.deployment.judging import Source
from tests.app.services.story import actor
from tests.bpmn import build
from tests.bpmn.decision.models import literal, model, table
from tests.support.clock import MovingClock

ROOT = Path(__file__).parents[4]
EXAMPLES = sorted(
    path
    for folder in ("bpmn/diagrams", "tests/bpmn", "tests/app", "bench/diagrams")
    for kind in ("bpmn", "dmn")
    for path in (ROOT / folder).rglob(f"*.{kind}")
)
FORM = '<zeebe:formDefinition formId="complaint-assess"/>'


def drawn(*parts: str, way: str = "start > a > end", **attrs: str) -> bytes:
    return build.process(build.start(), *parts, build.end(), build.flows(way), **attrs)


ASKING = build.process(
    build.node("startEvent", "start", "", FORM), build.user("a", groups="intake"),
    build.end(), build.flows("start > a > end"),
)  # fmt: skip
READING = build.process(
    build.node("startEvent", "start", "", FORM), build.script("a", "=nobody_wrote_this + 1", "r"),
    build.end(), build.flows("start > a > end"),
)  # fmt: skip
ODD: Mapping[str, list[tuple[str, bytes]]] = {
    "asks": [("x.bpmn", ASKING)],
    "reads what nothing writes": [("x.bpmn", READING)],
    "nobody and no form": [("x.bpmn", drawn(build.user("a", FORM.replace("-", "_"), groups="")))],
    "no job type": [("x.bpmn", drawn(build.node("serviceTask", "a")))],
    "an unknown connector": [("x.bpmn", drawn(build.service("a", kind="teleport")))],
    "empty": [("x.bpmn", b"")],
    "no xml": [("x.dmn", b"{} nothing")],
    "not bpmn": [("x.bpmn", b"<a/>")],
    "not dmn": [("x.dmn", b"<a/>")],
    "a table by its name only": [("x.dmn", drawn(build.user("a", groups="intake")))],
    "a table under another name": [("x.bpmn", model(literal("d", "1")))],
    "a doctype": [("x.bpmn", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>')],
    "a broken table": [("x.dmn", model(table([(("<",), ("1",))], policy="BEST")))],
    "a table with gaps": [("x.dmn", model(table([(("1",), ("2",)), (("1",), ("2",))])))],
    "an import": [
        (
            "x.dmn",
            model('<import name="x" namespace="urn:x" importType="dmn"/>' + literal("d", "1")),
        ),
        ("y.dmn", model(literal("e", "1")).replace(b"urn:test", b"urn:x")),
    ],
    "twice": [("x.bpmn", ASKING), ("y.bpmn", ASKING), ("z.dmn", model(literal("d", "1")))],
    "one broken of two": [("x.bpmn", READING), ("y.bpmn", b"<a/>")],
    "a name that leads nowhere": [
        ("x.bpmn", READING),
        ("y.bpmn", drawn(build.user("a", '<zeebe:formDefinition formId="none"/>'), key="other")),
    ],
}

Told = list[tuple[str, int, str, str, str, str, str]]


def said(findings: list[bpmn.Finding]) -> Told:
    """The findings as they are shown, but for names that only an installation knows."""
    elsewhere = {f"reference.{kind}" for kind in linting.ELSEWHERE}
    return [
        (one.file, one.line, one.element, one.rule, one.severity, one.message["fa"],
         one.remedy["en"])
        for one in findings
        if one.rule not in elsewhere
    ]  # fmt: skip


def of_lint(files: list[tuple[str, bytes]]) -> Told:
    return said(linting.judge([Source(name, content) for name, content in files]).findings)


def of_deployment(files: list[tuple[str, bytes]], clock: MovingClock) -> Told:
    try:
        rows = definitions.deploy_together(files, actor("admin"), clock())
    except DeploymentRefused as refused:
        return said(list(refused.findings))
    return said([one for row in rows for one in definitions.warnings_of(row)])


def check_same(files: list[tuple[str, bytes]], session: Session, clock: MovingClock) -> None:
    definitions.forget()
    with session.begin_nested() as nested:
        deployed = of_deployment(files, clock)
        nested.rollback()
    definitions.forget()
    assert of_lint(files) == sorted(deployed, key=lambda one: one[:3])


@pytest.mark.parametrize("name", ODD)
def test_odd_files(name: str, session: Session, clock: MovingClock) -> None:
    check_same(ODD[name], session, clock)


def test_every_example(session: Session, clock: MovingClock) -> None:
    assert len(EXAMPLES) > 100
    for path in EXAMPLES:
        check_same([(path.name, path.read_bytes())], session, clock)


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("reads what nothing writes", "data.unwritten"),
        ("a table with gaps", "dmn.gap"),
        ("an import", "dmn.import"),
        ("twice", "reference.repeated"),
    ],
)
def test_what_both_say(name: str, rule: str) -> None:
    assert rule in {one[3] for one in of_lint(ODD[name])}


def test_a_refusal_tells_the_warnings_of_the_other_files() -> None:
    rules = {one[3] for one in of_lint(ODD["one broken of two"])}
    assert rules >= {"data.unwritten", "file.not-bpmn"}
