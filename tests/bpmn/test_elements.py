"""Every element that is supported runs as its file says; every other one is refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bpmn import cases
from tests.bpmn.kept import Kept

FOLDER = Path(__file__).parent / "elements"
FILES = sorted(FOLDER.glob(f"*{cases.ENDING}"))
every_file = pytest.mark.parametrize("path", FILES, ids=lambda path: path.name.split(".")[0])


def run(suite: cases.Suite, world: cases.World) -> cases.FileResult:
    """What comes of a file of cases, or of its refusal."""
    assert suite.file is not None
    if suite.definition is None:
        return cases.run_refusal(suite.source, suite.diagram, suite.file)
    return cases.run_cases(suite.definition, suite.file, world)


def world_of(suite: cases.Suite) -> cases.World:
    return cases.World(decisions=suite.decisions, processes=suite.processes)


@every_file
def test_an_element_does_what_its_file_says_saved_and_restored_after_every_step(
    path: Path,
) -> None:
    suite = cases.open_suite(path)
    result = run(suite, world_of(suite))
    assert result.is_ok(), cases.as_text([result])


@every_file
def test_an_element_does_the_same_when_nothing_is_saved_or_forgotten(path: Path) -> None:
    suite = cases.open_suite(path)
    if suite.file is None or suite.definition is None:
        return
    for case in suite.file.cases:
        kept = Kept()
        world = replace(world_of(suite), start=kept.start, step=kept.step)
        result = cases.run_case(suite.definition, case, world)
        assert result.problem is None, result.problem


@every_file
def test_a_file_says_what_it_supports_and_its_traces_are_exact(path: Path) -> None:
    file = cases.open_suite(path).file
    assert file is not None
    assert file.supports is not None
    assert all(case.expect.trace is not None for case in file.cases)


def test_every_diagram_has_its_cases() -> None:
    drawn = {path.stem for path in FOLDER.glob("*.bpmn")}
    called = {
        name.removesuffix(".bpmn")
        for path in FILES
        if (file := cases.open_suite(path).file)
        for name in file.processes or ()
    }
    assert drawn - called == {path.name.removesuffix(cases.ENDING) for path in FILES} - called
