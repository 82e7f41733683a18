"""The command line: what it prints, what it changes, how it ends."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text

import bpmn
from app import create_app
from app.cli import main
from app.cli.edge import application
from app.db import transaction
from app.models import User
from app.services.accounts import people
from tests.app.services import story
from tests.support.application import dispose
from tests.support.database import Cluster
from tests.support.processes import ROOT

Peygir = Callable[..., Result]

DIAGRAMS = Path(bpmn.__file__).parent / "diagrams"
BROKEN = b"""<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="t">
  <process id="broken" isExecutable="true">
    <startEvent id="start"/>
    <complexGateway id="odd"/>
    <sequenceFlow id="flow" sourceRef="start" targetRef="odd"/>
  </process>
</definitions>
"""


@pytest.fixture
def peygir(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Peygir:
    """``peygir("user", "list")`` runs the command on this test's database."""
    monkeypatch.setenv("PEYGIR_DATABASE_URL", database)
    monkeypatch.setenv("PEYGIR_DATA", str(tmp_path / "data"))

    def run(*arguments: str, typed: str | None = None) -> Result:
        return CliRunner().invoke(main, list(arguments), input=typed, catch_exceptions=False)

    return run


def find(login: str) -> User:
    with application():
        return people.by_login(login)


def test_help_names_every_command(peygir: Peygir) -> None:
    shown = peygir("--help").output
    commands = ("run", "web", "worker", "clock", "migrate", "seed", "deploy", "lint", "user")
    later = ("doctor", "backup", "restore")
    assert [name for name in (*commands, *later) if f"\n  {name} " not in shown] == []


def test_a_bad_setting_is_one_sentence_and_exit_code_1(
    peygir: Peygir, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PEYGIR_LANGUAGE", "xx")
    answer = peygir("user", "list")
    assert answer.exit_code == 1
    assert answer.output.startswith("Error: PEYGIR_LANGUAGE cannot be used")


@pytest.mark.parametrize("command", [("run",), ("web",), ("worker",), ("clock",), ("user", "list")])
@pytest.mark.parametrize(
    ("name", "value", "complaint"),
    [
        ("PEYGIR_CALENDAR", "nope", "'nope' is not one of always, england, iran"),
        ("PEYGIR_MAIL_FROM", "not an address", "'not an address' is not an e-mail address"),
        ("PEYGIR_SMTP_URL", "smtp://u:hidden@h:99999", "no valid host and port"),
        ("PEYGIR_SMTP_URL", "smtp://u:hidden@h/path?x", "and no more"),
    ],
)
def test_what_a_room_would_refuse_later_is_refused_at_the_start(
    peygir: Peygir,
    monkeypatch: pytest.MonkeyPatch,
    command: tuple[str, ...],
    name: str,
    value: str,
    complaint: str,
) -> None:
    monkeypatch.setenv(name, value)
    answer = peygir(*command)
    assert answer.exit_code == 1
    assert answer.output.startswith(f"Error: {name} cannot be used")
    assert complaint in answer.output
    assert "hidden" not in answer.output


def test_an_unreachable_database_is_said_so(
    peygir: Peygir, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PEYGIR_DATABASE_URL", "postgresql://nobody@/x?host=/nowhere")
    answer = peygir("user", "list")
    assert answer.exit_code == 1
    assert "The database cannot be used" in answer.output


@pytest.mark.parametrize("part", ["web", "worker", "clock"])
def test_one_part_alone_needs_a_database(
    peygir: Peygir, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    monkeypatch.delenv("PEYGIR_DATABASE_URL")
    answer = peygir(part)
    assert answer.exit_code == 1
    assert "PEYGIR_DATABASE_URL is not set" in answer.output


def test_a_person_is_added_and_listed(peygir: Peygir) -> None:
    added = peygir(
        "user", "add", "nima", "--name-en", "Nima", "--group", "intake", typed="a-long-password\n"
    )
    assert added.output == "nima was added.\n"
    listed = peygir("user", "list").output
    assert "nima" in listed
    assert people.check_password(str(find("nima").password_hash), "a-long-password")


@pytest.mark.parametrize(
    ("arguments", "password", "complaint"),
    [
        (("add", "sara"), "a-long-password", "login: This login is taken"),
        (("add", "nima"), "short", "password: Use at least"),
        (("add", "nima", "--group", "nowhere"), "a-long-password", "There is no group nowhere."),
        (("password", "nobody"), "a-long-password", "There is no person or program nobody."),
    ],
)
def test_a_wrong_person_is_refused_in_words(
    peygir: Peygir, arguments: tuple[str, ...], password: str, complaint: str
) -> None:
    answer = peygir("user", *arguments, typed=f"{password}\n")
    assert answer.exit_code == 1
    assert complaint in answer.output


def test_a_new_password_ends_the_sessions(peygir: Peygir) -> None:
    before = find("sara").session_epoch
    peygir("user", "password", "sara", typed="another-long-one\n")
    after = find("sara")
    assert after.session_epoch > before
    assert people.check_password(str(after.password_hash), "another-long-one")


def test_groups_are_set_and_shown(peygir: Peygir) -> None:
    assert "complaints" in peygir("user", "group", "sara").output
    peygir("user", "group", "sara", "quality", "intake")
    with application():
        assert [g.key for g in people.by_login("sara").groups] == ["intake", "quality"]


def test_a_group_is_added_for_processes_to_name(peygir: Peygir) -> None:
    peygir("user", "add-group", "legal", "--name-fa", "حقوقی", "--name-en", "Legal")
    assert peygir("user", "group", "sara", "legal").output == "sara is in: legal\n"
    (line,) = [line for line in peygir("user", "group").output.splitlines() if "legal" in line]
    assert line.split() == ["legal", "Legal"]


def test_a_group_key_that_a_diagram_could_not_list_is_refused(peygir: Peygir) -> None:
    answer = peygir("user", "add-group", "a,b", "--name-fa", "حقوقی", "--name-en", "Legal")
    assert answer.exit_code == 2
    assert "small letters" in answer.output


def ask_with(token: str) -> int:
    """The status that the API answers a program with this token."""
    with application() as base:
        app = create_app(base.extensions["peygir.settings"])
        given = {"Authorization": f"Bearer {token}"}
        try:
            return app.test_client().get("/api/v1/requests", headers=given).status_code
        finally:
            dispose(app)


def test_a_token_is_printed_once_and_works(peygir: Peygir) -> None:
    token = peygir("user", "token", "call-centre").output.strip()
    assert ask_with(token) == 200
    assert find("call-centre").roles == ["integration"]


def test_a_person_s_token_must_be_asked_for_by_login(peygir: Peygir) -> None:
    refused = peygir("user", "token", "admin")
    assert refused.exit_code == 2
    assert "pgr_" not in refused.output
    assert "--login admin" in refused.output
    assert peygir("user", "token", "admin", "--login", "admin").output.startswith("pgr_")


def test_a_revoked_token_opens_nothing(peygir: Peygir) -> None:
    token = peygir("user", "token", "call-centre").output.strip()
    assert peygir("user", "revoke", "other", "--login", "call-centre").exit_code == 1
    assert peygir("user", "revoke", "call-centre").exit_code == 0
    assert ask_with(token) == 401
    assert peygir("user", "revoke", "call-centre").exit_code == 1


def test_the_past_of_an_account_is_printed_without_secrets(peygir: Peygir) -> None:
    peygir("user", "group", "sara", "quality")
    peygir("user", "password", "sara", typed="another-long-one\n")
    peygir("user", "deactivate", "sara")
    told = peygir("user", "history", "sara").output
    kinds = [line.split()[1] for line in told.splitlines()]
    assert kinds == ["user_placed", "password_set", "user_shut_out"]
    assert told.count("by Command line") == 3
    assert "another-long-one" not in told


def test_a_token_of_an_unknown_person_is_refused(peygir: Peygir) -> None:
    assert peygir("user", "token", "x", "--login", "nobody").exit_code == 1


def test_a_deactivated_person_is_marked(peygir: Peygir) -> None:
    peygir("user", "deactivate", "omid")
    (line,) = [line for line in peygir("user", "list").output.splitlines() if "omid" in line]
    assert line.endswith("(deactivated)")


def test_shipped_files_are_right(peygir: Peygir) -> None:
    answer = peygir("lint", *map(str, sorted(DIAGRAMS.glob("*.?mn*"))))
    assert answer.exit_code == 0, answer.output


def test_lint_needs_neither_database_nor_data_folder(tmp_path: Path) -> None:
    nowhere = tmp_path / "none"
    env = {
        "PATH": os.defpath,
        "PEYGIR_DATA": str(nowhere),
        "PEYGIR_DATABASE_URL": "postgresql://nobody@/x?host=/nowhere",
    }
    file = str(DIAGRAMS / "example-approval.bpmn")
    command = [sys.executable, "-m", "app.cli", "lint", file]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"{file}: right\n"
    assert not nowhere.exists()


def test_findings_name_file_line_and_element(peygir: Peygir, tmp_path: Path) -> None:
    path = tmp_path / "broken.bpmn"
    path.write_bytes(BROKEN)
    answer = peygir("lint", str(path))
    assert answer.exit_code == 1
    assert f"{path}:5 odd " in answer.output


def test_a_refused_file_deploys_nothing(peygir: Peygir, tmp_path: Path) -> None:
    broken = tmp_path / "broken.bpmn"
    broken.write_bytes(BROKEN)
    right = tmp_path / "right.bpmn"
    source = (DIAGRAMS / "example-approval.bpmn").read_bytes()
    right.write_bytes(source + b"<!-- a new version -->\n")
    answer = peygir("deploy", str(right), str(broken))
    assert answer.exit_code == 1
    assert f"{broken}:5 odd " in answer.output
    with application():
        from app.db import session

        query = text("SELECT count(*) FROM process_definition WHERE version > 1")
        assert session().scalar(query) == 0
    assert "version 2 is deployed" in peygir("deploy", str(right)).output


def test_a_version_tag_is_given_at_deployment(peygir: Peygir, tmp_path: Path) -> None:
    file = tmp_path / "tagged.bpmn"
    source = (DIAGRAMS / "example-approval.bpmn").read_bytes()
    file.write_bytes(source + b"<!-- tagged -->\n")
    said = peygir("deploy", "--tag", "blue", str(file)).output
    assert "version 2, tag blue, is deployed." in said
    said = peygir("deploy", "--tag", "green", str(file)).output
    assert "version 2, tag blue, green, is deployed." in said
    assert peygir("deploy", "--tag", "x" * 81, str(file)).exit_code == 2
    for empty in ("", "  "):
        refused = peygir("deploy", "--tag", empty, str(file))
        assert (refused.exit_code, "it is empty" in refused.output) == (2, True)


def test_migrating_again_changes_nothing(peygir: Peygir) -> None:
    assert peygir("migrate").output == "The database is up to date.\n"


def test_demo_data_goes_only_where_nobody_is(peygir: Peygir) -> None:
    assert "nothing was loaded" in peygir("seed").output


@pytest.mark.slow
def test_demo_logins_are_kept_in_a_private_file(
    peygir: Peygir, cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PEYGIR_DATABASE_URL", cluster.create("empty"))
    peygir("migrate")
    shown = peygir("seed").output
    assert "narges" in shown
    kept = tmp_path / "data" / "demo-logins.txt"
    assert kept.read_text(encoding="utf-8") in shown
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_a_signal_is_thrown_with_what_travels_along(peygir: Peygir) -> None:
    told = peygir("signal", "branch closed", "--variables", '{"branch": "north"}')
    assert told.exit_code == 0
    assert "“branch closed” reaches 0 waiting places and begins 0 processes." in told.output
    assert peygir("signal", "branch closed", "--variables", "[1]").exit_code == 2
    assert peygir("signal", "branch closed", "--variables", "{").exit_code == 2
    assert peygir("signal", " ").exit_code == 1


def test_settings_of_service_levels_are_checked_without_a_database(tmp_path: Path) -> None:
    wrong, policy = tmp_path / "wrong.toml", tmp_path / "gold.toml"
    wrong.write_text('key = "wrong"\ntime_zone = "UTC"\n[names]\nfa = "x"\nen = "x"\n[week]\n'
                     'monday = "8-16"\n', encoding="utf-8")  # fmt: skip
    shipped = ROOT / "sla" / "policies" / "complaint.toml"
    policy.write_text(shipped.read_text("utf-8").replace('"iran"', '"moon"'), encoding="utf-8")
    found = CliRunner().invoke(main, ["sla", "check", str(wrong), str(policy), str(shipped)])
    assert found.exit_code == 1
    assert f"{wrong}:7 week.monday error '8-16' is not a shift" in found.output
    assert f"{shipped}: right" in found.output
    assert "Not looked at, since an installation may have them: calendar moon" in found.output
    persian = CliRunner().invoke(main, ["sla", "check", "--language", "fa", str(wrong)])
    assert "نوبت کاری‌ای مانند" in persian.output
    as_json = CliRunner().invoke(main, ["sla", "check", "--format", "json", str(policy)])
    assert as_json.exit_code == 0
    assert '"unchecked": [\n    "calendar moon"\n  ]' in as_json.output


def test_the_promises_of_a_request_are_explained(peygir: Peygir) -> None:
    peygir("migrate")
    with application(), transaction():
        number = story.submit(datetime.now(UTC)).number
    told = peygir("sla", "explain", number)
    assert told.exit_code == 0
    assert "Why that much: " in told.output
    assert "Started with " in told.output
    assert "چرا این‌قدر: " in peygir("sla", "explain", number, "--language", "fa").output
    assert peygir("sla", "explain", "R-000000").exit_code == 1
    persian = peygir("sla", "explain", "R-000000", "--language", "fa")
    assert "درخواست" in persian.output
    assert "without a number" in peygir("sla", "explain", " ").output
    listed = peygir("sla", "list").output
    assert "calendar iran" in listed
    assert "ladder   notice" in listed
    assert peygir("sla", "show", "policy", "complaint").output.startswith("# What is promised")
    assert peygir("sla", "show", "calendar", "nowhere").exit_code == 1
