"""The service tasks that the pages show are such as the lint finds right."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from app.cli.commands import main
from tests.house.sources import ROOT

_TASK = (
    '<bpmn:serviceTask id="shown" name="Shown"><bpmn:extensionElements>{}'
    "</bpmn:extensionElements></bpmn:serviceTask>"
)
_WITH_FLOWS = (
    "<bpmn:incoming>f1</bpmn:incoming><bpmn:outgoing>f2</bpmn:outgoing></bpmn:serviceTask>"
)
_DIAGRAM = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions id="d" targetNamespace="http://example.org"
    xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
    xmlns:zeebe="http://camunda.org/schema/zeebe/1.0">
  <bpmn:process id="p" name="P" isExecutable="true">
    <bpmn:startEvent id="begin"><bpmn:outgoing>f1</bpmn:outgoing></bpmn:startEvent>
    <bpmn:sequenceFlow id="f1" sourceRef="begin" targetRef="{id}" />
    <bpmn:sequenceFlow id="f2" sourceRef="{id}" targetRef="over" />
    {task}
    <bpmn:endEvent id="over"><bpmn:incoming>f2</bpmn:incoming></bpmn:endEvent>
  </bpmn:process>
</bpmn:definitions>
"""


def shown() -> list[str]:
    """Every service task on a page, and every inside of one."""
    pages = sorted((ROOT / "docs").rglob("*.md"))
    blocks = [
        block
        for page in pages
        for block in re.findall(r"```xml\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
        # That page's kind of task is there once its package is installed: it has a test of its own.
        if "<zeebe:taskDefinition" in block and page.name != "own-connector.md"
    ]
    return [one if "<bpmn:serviceTask" in one else _TASK.format(one) for one in blocks]


def test_there_are_examples() -> None:
    assert len(shown()) >= 3


@pytest.mark.parametrize("task", shown())
def test_a_service_task_that_a_page_shows_is_right(task: str, tmp_path: Path) -> None:
    check(task, tmp_path)


def check(task: str, tmp_path: Path) -> None:
    """Lint a process of this one task."""
    found = re.search(r'<bpmn:serviceTask id="(\w+)"', task)
    assert found
    whole = task.replace("</bpmn:serviceTask>", _WITH_FLOWS)
    file = tmp_path / "shown.bpmn"
    file.write_text(_DIAGRAM.format(id=found[1], task=whole), encoding="utf-8")
    result = CliRunner().invoke(main, ["lint", str(file)])
    assert result.exit_code == 0, result.output
    assert "warning" not in result.output.replace("warnings: 0", "")
