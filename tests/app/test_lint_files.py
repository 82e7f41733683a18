"""What ``lint``, ``test`` and ``deploy`` are given may be anything that has a name."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.cli import main
from app.cli.files import read_files
from bpmn.files import MOST, read_file
from tests.bpmn.build import end, flows, process, start, user

LINE = flows("start > a > end")
BROKEN = process(start(), user("a", groups=""), end(), LINE)
FORM = '{"type": "default", "id": "mine", "components": []}'
ODD = os.fsdecode(b"odd\xff.bpmn")


def peygir(*arguments: object) -> Result:
    words = [*map(str, arguments)]
    return CliRunner().invoke(main, words, catch_exceptions=False)


def rules(answer: Result) -> list[tuple[str, str]]:
    return [(one["file"], one["rule"]) for one in json.loads(answer.output)["findings"]]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("style", ["text", "json", "sarif"])
def test_a_name_that_is_no_utf8_is_shown_as_far_as_it_goes(folder: Path, style: str) -> None:
    (folder / ODD).write_bytes(BROKEN)
    for path in (ODD, folder / ODD):
        answer = peygir("lint", "--format", style, path)
        assert answer.exit_code == 1
        assert "task.nobody" in answer.output
        answer.output.encode()


def test_the_place_in_sarif_is_the_very_file(folder: Path) -> None:
    (folder / ODD).write_bytes(BROKEN)
    (run,) = json.loads(peygir("lint", "--format", "sarif", ODD).output)["runs"]
    assert run["artifacts"] == [{"location": {"uri": "odd%FF.bpmn"}}]


def test_cases_beside_a_name_that_is_no_utf8(folder: Path) -> None:
    (folder / ODD).write_bytes(BROKEN)
    for style in ("text", "json", "junit"):
        answer = peygir("test", "--format", style, ODD)
        assert answer.exit_code == 1
        answer.output.encode()


def test_a_form_of_such_a_name(folder: Path) -> None:
    name = os.fsdecode(b"odd\xff.form")
    (folder / name).write_text(FORM)
    peygir("lint", "--format", "json", name).output.encode()


def pipe(folder: Path) -> Path:
    os.mkfifo(folder / "pipe.bpmn")
    return folder / "pipe.bpmn"


def test_what_is_no_file_is_not_waited_for(folder: Path) -> None:
    for path in (pipe(folder), "/dev/zero", "/dev/null"):
        answer = peygir("lint", "--format", "json", path)
        assert (answer.exit_code, rules(answer)) == (1, [(str(path), "file.not-regular")])


def test_cases_and_deployment_do_not_wait_either(folder: Path) -> None:
    answer = peygir("test", pipe(folder))
    assert (answer.exit_code, "not a regular file" in answer.output) == (1, True)
    with pytest.raises(Exception, match=r"pipe\.bpmn: it is not a regular file"):
        read_files([folder / "pipe.bpmn"])


def test_of_a_large_file_no_more_is_read_than_shows_that_it_is(folder: Path) -> None:
    with open("big.bpmn", "wb") as file:
        file.truncate(10**12)
    assert len(read_file(folder / "big.bpmn")) == MOST
    answer = peygir("lint", "--format", "json", "big.bpmn")
    assert rules(answer) == [("big.bpmn", "xml.too-large")]


def test_a_folder_stands_for_all_in_it_that_can_be_judged(folder: Path) -> None:
    (folder / "in").mkdir()
    (folder / "in" / "x.bpmn").write_bytes(BROKEN)
    (folder / "in" / "t.dmn").write_bytes(b"<nothing")
    (folder / "mine.form").write_text(FORM)
    (folder / "read.me").write_text("no")
    answer = peygir("lint", "--format", "json", ".")
    assert json.loads(answer.output)["files"] == ["in/t.dmn", "in/x.bpmn", "mine.form"]
    assert {file for file, _ in rules(answer)} >= {"in/t.dmn", "in/x.bpmn"}


def test_a_folder_without_any_is_an_error(folder: Path) -> None:
    answer = peygir("lint", "--format", "json", ".")
    assert (answer.exit_code, rules(answer)) == (1, [(".", "file.folder-empty")])
