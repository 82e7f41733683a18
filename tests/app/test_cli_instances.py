"""What an operator does from a terminal: instances, and moving them to another version."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app import clock_now
from app.access import TERMINAL
from app.cli import main
from app.cli.edge import application
from app.db import transaction
from app.services.deployment import definitions
from app.services.execution import processes
from tests.bpmn import build

Peygir = Callable[..., Result]


def desk(work: str = "work") -> bytes:
    return build.process(
        build.start(), build.user(work, groups="intake"), build.script("add", "=amount + 1", "sum"),
        build.user("after", groups="intake"), build.end(),
        build.flows(f"start > {work} > add > after > end"), key="desk",
    )  # fmt: skip


@pytest.fixture
def peygir(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Peygir:
    """``peygir("instance", "list")`` runs the command on a database with one instance."""
    monkeypatch.setenv("PEYGIR_DATABASE_URL", database)
    monkeypatch.setenv("PEYGIR_DATA", str(tmp_path / "data"))
    definitions.forget()
    with application(), transaction():
        row = definitions.deploy("x.bpmn", desk(), TERMINAL, clock_now())
        processes.start(row, {"amount": "many"}, TERMINAL, clock_now())

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(main, list(arguments), catch_exceptions=False)

    return run


def test_an_instance_is_listed_shown_stopped_and_resumed(peygir: Peygir) -> None:
    assert "1        desk 1" in peygir("instance", "list", "--process", "desk").output
    assert "token 2 at work" in peygir("instance", "show", "1").output
    assert peygir("instance", "suspend", "1", "--reason", "look").exit_code == 0
    assert "suspended" in peygir("instance", "list", "--state", "suspended").output
    assert peygir("instance", "list", "--state", "active").output == ""
    assert peygir("instance", "resume", "1", "--as", "admin").exit_code == 0
    assert "desk 1" in peygir("instance", "list", "--state", "active").output


def test_a_fault_is_retried_and_skipped(peygir: Peygir) -> None:
    peygir("instance", "move", "1", "work", "add")
    assert "fault 1 at add" in peygir("instance", "show", "1").output
    assert "(fault)" in peygir("instance", "list", "--faulty").output
    again = peygir("instance", "retry", "1")
    assert (again.exit_code, "It failed again at add" in again.output) == (1, True)
    assert "fault 2 at add" in peygir("instance", "show", "1").output
    assert peygir("instance", "skip", "1", "--set", "sum=7", "--reason", "known").exit_code == 0
    shown = peygir("instance", "show", "1").output
    assert '"sum": 7' in shown
    assert "at after" in shown
    missing = peygir("instance", "retry", "1")
    assert (missing.exit_code, "No such fault" in missing.output) == (1, True)


def test_the_history_tells_who_did_what_and_why(peygir: Peygir) -> None:
    peygir("instance", "suspend", "1", "--reason", "a flood\nin the cellar")
    peygir("instance", "resume", "1")
    peygir("instance", "move", "1", "work", "add", "--reason", "again")
    told = peygir("instance", "show", "1").output.split("}\n")[-1].splitlines()
    said = [line.split(" ", 1)[1] for line in told]
    assert said[0].startswith("start by Command line: process=desk, version=1")
    assert said[1:4] == [
        "instance_suspended by Command line: reason=a flood in the cellar",
        "instance_resumed by Command line",
        "token_moved at work by Command line: to=add, reason=again",
    ]
    assert said[4].startswith("fault_raised at add by Automatic: ")
    assert peygir("instance", "show", "1", "--history", "1").output.splitlines()[-1] == told[-1]
    assert "by Command line" not in peygir("instance", "show", "1", "--history", "0").output


@pytest.mark.parametrize("state", [b"", b"nothing", zlib.compress(b"[]"), zlib.compress(b"{}")])
def test_a_damaged_state_is_told_in_words(peygir: Peygir, state: bytes) -> None:
    with application(), transaction():
        processes.find(1).state = state
    for act in (("show", "1"), ("move", "1", "work", "add"), ("rebuild", "1")):
        said = peygir("instance", *act)
        assert said.exit_code == 1
        assert "The stored state of the process cannot be read" in said.output
        assert "peygir doctor" in said.output


def test_reasons_are_as_short_everywhere(peygir: Peygir) -> None:
    peygir("instance", "move", "1", "work", "add")
    long = ("--reason", "x" * 1_001)
    for act in ("retry", "skip", "suspend", "resume", "cancel"):
        said = peygir("instance", act, "1", *long)
        assert (said.exit_code, "at most 1,000 characters" in said.output) == (1, True), act
    assert "fault 1 at add" in peygir("instance", "show", "1").output


def test_who_skips_a_gateway_is_told_the_flows_to_choose_from(peygir: Peygir) -> None:
    gate = build.process(
        build.start(), build.gateway("exclusive", "gate"), build.user("a", groups="intake"),
        build.user("b", groups="intake"), build.end(),
        build.flows("start > gate", "gate >[=x > 1] a > end", "gate >[=x < 1] b > end"),
        key="choice",
    )  # fmt: skip
    with application(), transaction():
        row = definitions.deploy("g.bpmn", gate, TERMINAL, clock_now())
        processes.start(row, {"x": 1}, TERMINAL, clock_now())
    said = peygir("instance", "skip", "2")
    assert (said.exit_code, "is left: gate_a, gate_b." in said.output) == (1, True)
    assert peygir("instance", "skip", "2", "--flow", "gate_b").exit_code == 0
    assert "at b" in peygir("instance", "show", "2").output


def test_values_are_json_or_texts(peygir: Peygir) -> None:
    typed = ('who={"name": "Ali"}', "n=7", "said=seven days", "none=null")
    assert peygir("instance", "set", "1", *typed).exit_code == 0
    shown = peygir("instance", "show", "1").output
    for told in ('"name": "Ali"', '"n": 7', '"said": "seven days"', '"none": null'):
        assert told in shown
    assert peygir("instance", "set", "1", "n=NaN").exit_code == 2
    assert peygir("instance", "set", "1", "n").exit_code == 2


def test_an_instance_is_cancelled_for_a_reason(peygir: Peygir) -> None:
    assert peygir("instance", "cancel", "1").exit_code == 2
    assert peygir("instance", "cancel", "1", "--reason", "a test").exit_code == 0
    assert "terminated" in peygir("instance", "list").output
    again = peygir("instance", "cancel", "1", "--reason", "again")
    assert (again.exit_code, "already ended" in again.output) == (1, True)


def test_what_is_not_there_is_named(peygir: Peygir) -> None:
    shown = peygir("instance", "show", "77")
    assert (shown.exit_code, "process instance 77" in shown.output) == (1, True)
    assert "nobody" in peygir("instance", "suspend", "1", "--as", "nobody").output
    assert "“nowhere”" in peygir("instance", "move", "1", "work", "nowhere").output


def test_tables_are_told_anew(peygir: Peygir) -> None:
    assert "0 differences" in peygir("instance", "rebuild", "1").output
    assert peygir("doctor", "--repair").exit_code == 1  # Nothing runs here, which is a problem.


def test_instances_move_to_another_version(peygir: Peygir) -> None:
    with application(), transaction():
        definitions.deploy("x.bpmn", desk("do"), TERMINAL, clock_now())
    refused = peygir("migrate-instances", "desk", "--to", "2")
    assert (refused.exit_code, "desk: 1 refused." in refused.output) == (1, True)
    move = ("migrate-instances", "desk", "--to", "2", "--from", "1", "--map", "work=do")
    tried = peygir(*move, "--dry-run")
    assert "  work -> do (changed)\n" in tried.output
    assert "desk: 1 movable." in tried.output
    assert "desk 1" in peygir("instance", "list").output
    assert "desk: 1 moved." in peygir(*move).output
    assert "desk: no instance is left to move." in peygir(*move).output
    assert "desk 2" in peygir("instance", "list").output


BIG = str(10**20)
DEEP = "[" * 9000 + "]" * 9000


@pytest.mark.parametrize(
    "arguments",
    [
        ("instance", "list", "--before", BIG),
        ("instance", "list", "--version", BIG),
        ("instance", "list", "--element", "a\udcff"),
        ("instance", "show", BIG),
        ("instance", "set", "1", "a\udcff=1"),
        ("instance", "set", "1", "a=\udcff"),
        ("instance", "set", "1", "a=1e400"),
        ("instance", "set", "1", 'a="\\u0000"'),
        ("instance", "set", "1", 'a="\\ud800"'),
        ("instance", "set", "1", f"a={DEEP}"),
        ("instance", "suspend", "1", "--reason", "\udcff"),
        ("instance", "suspend", "1", "--as", "\udcff"),
        ("migrate-instances", "desk", "--to", BIG),
        ("migrate-instances", "\udcff", "--to", "1"),
        ("signal", "\udcff"),
        ("signal", "s" * 201),
        ("signal", "go", "--variables", '{"a": NaN}'),
        ("signal", "go", "--variables", '{"a": 1e400}'),
        ("signal", "go", "--variables", '{"a": "\\u0000"}'),
        ("signal", "go", "--variables", f'{{"a": {DEEP}}}'),
    ],
)
def test_what_cannot_be_kept_is_refused_in_words(
    peygir: Peygir, arguments: tuple[str, ...]
) -> None:
    shown = peygir("instance", "show", "1").output
    refused = peygir(*arguments)
    assert refused.exit_code in (1, 2)
    assert "Error" in refused.output
    assert peygir("instance", "show", "1").output == shown
