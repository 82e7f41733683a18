"""``peygir connector`` and ``peygir channel``."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask

from app.cli import channels as commands
from app.cli import contacts
from app.services.sending import no_contact
from tests.connectors.wsdls import PARTNER
from tests.support.application import transaction_of
from tests.support.command_line import runner
from tests.support.kinds import SECRET

Run = Callable[..., Result]
pytestmark = pytest.mark.usefixtures("partner")


@pytest.fixture
def run(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Run:
    """``run("channel", "list")`` on the application of the test."""
    return runner(app, monkeypatch, commands, contacts)


def test_kinds_are_listed_shown_and_given_as_templates(run: Run) -> None:
    assert "parrot" in run("connector", "list").output
    shown = run("connector", "show", "parrot").output
    assert "`token` | Token (secret)" in shown
    assert "It heard nothing" in shown
    assert "طوطی" in run("connector", "show", "parrot", "--language", "fa").output
    made = json.loads(run("connector", "template", "parrot").output)
    assert [one["id"] for one in made] == ["peygir.parrot"]
    assert len(json.loads(run("connector", "template").output)) > 1
    assert run("connector", "show", "dodo").exit_code == 2


def test_an_option_that_is_a_text_may_be_digits_alone(run: Run) -> None:
    made = run("channel", "set", "birds", "--kind", "parrot", "--option", "place=10004346",
               "--secret", "token", input=f"{SECRET}\n")  # fmt: skip
    assert made.exit_code == 0, made.output
    assert json.loads(run("channel", "show", "birds").output)["options"]["place"] == "10004346"


def test_what_is_wrong_with_an_option_is_told_in_the_language_of_commands(run: Run) -> None:
    refused = run("channel", "set", "birds", "--kind", "parrot", "--option", "depth=x",
                  "--secret", "token", input=f"{SECRET}\n")  # fmt: skip
    assert refused.exit_code == 1
    assert "options.depth: Unknown field." in refused.output


def test_a_policy_that_is_left_empty_is_taken_away(run: Run) -> None:
    made = run("channel", "set", "birds", "--kind", "parrot", "--option", "place=garden",
               "--secret", "token", "--policy", "per_minute=6", input=f"{SECRET}\n")  # fmt: skip
    assert made.exit_code == 0, made.output
    emptied = run("channel", "set", "birds", "--policy", "per_minute=")
    assert emptied.exit_code == 0, emptied.output
    assert not json.loads(run("channel", "show", "birds").output)["policy"].get("per_minute")


def test_a_secret_on_the_command_line_is_refused(run: Run) -> None:
    refused = run("channel", "set", "birds", "--kind", "parrot", "--option", f"token={SECRET}")
    assert refused.exit_code == 2
    assert "--secret-file token=FILE" in refused.output
    assert SECRET not in refused.output


def test_only_secrets_that_are_set_are_listed(run: Run) -> None:
    run("channel", "set", "door", "--kind", "webhook", "--secret", "hook_secret",
        "--option", "messages=order.shipped", input="a-secret-of-the-door\n")  # fmt: skip
    assert json.loads(run("channel", "show", "door").output)["secrets"] == ["hook_secret"]


def test_a_channel_is_made_changed_and_shown(run: Run, tmp_path: Path) -> None:
    made = run(
        "channel", "set", "birds", "--kind", "parrot", "--option", "place=garden",
        "--option", 'words=["a"]', "--secret", "token", "--policy", "per_minute=6", "--default",
        input=f"{SECRET}\n",
    )  # fmt: skip
    assert made.exit_code == 0, made.output
    assert SECRET not in made.output
    assert "birds" in run("channel", "list").output
    shown = run("channel", "show", "birds").output
    assert SECRET not in shown
    facts = json.loads(shown)
    assert (facts["options"]["place"], facts["secrets"]) == ("garden", ["token"])
    assert facts["policy"] == {"attempts": 10, "per_minute": 6}
    file = tmp_path / "token"
    file.write_text("another\n")
    again = run("channel", "set", "birds", "--off", "--secret-file", f"token={file}")
    assert "revision 2" in again.output
    facts = json.loads(run("channel", "show", "birds").output)
    assert (facts["enabled"], facts["is_default"], facts["options"]["words"]) == (
        False,
        True,
        ["a"],
    )


def test_what_is_wrong_ends_with_a_sentence(run: Run) -> None:
    for arguments in (
        ("channel", "set", "birds", "--kind", "dodo"),
        ("channel", "set", "birds", "--kind", "parrot"),
        ("channel", "set", "birds", "--kind", "parrot", "--option", "place"),
        ("channel", "set", "birds", "--kind", "parrot", "--secret-file", "token=/nowhere"),
        ("channel", "show", "cats"),
        ("channel", "test", "cats"),
    ):
        result = run(*arguments)
        assert result.exit_code in (1, 2), arguments
        assert result.exception is None or isinstance(result.exception, SystemExit), arguments


def test_a_channel_is_tested_and_its_keys_are_rotated(run: Run) -> None:
    run("channel", "set", "birds", "--kind", "parrot", "--option", "place=garden",
        "--secret", "token", input=f"{SECRET}\n")  # fmt: skip
    tested = run("channel", "test", "birds")
    assert (tested.exit_code, tested.output) == (0, "hello from garden •••\n")
    assert "1 channels" in run("channel", "rotate", "--drop-old").output
    assert run("channel", "test", "birds").exit_code == 0
    run("channel", "set", "birds", "--option", "mood=bad")
    assert run("channel", "test", "birds").exit_code == 1
    assert len(run("channel", "new-key").output.strip()) == 44


def test_a_soap_channel_is_given_its_wsdl(run: Run, tmp_path: Path) -> None:
    assert run("channel", "set", "registry", "--kind", "soap").exit_code == 0
    given = run("channel", "wsdl", "registry", str(PARTNER))
    assert given.exit_code == 0, given.output
    assert given.output == (
        "registry is at revision 2, with the operations RegisterComplaint, FindComplaint, Echo.\n"
    )
    bad = tmp_path / "bad.wsdl"
    bad.write_text("<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", encoding="utf-8")
    for source, told in (
        (str(bad), "bad.wsdl, line 1: It holds a document type definition"),
        ("http://127.0.0.1:1/?wsdl", "could not be fetched from"),
        (str(tmp_path / "none"), "No such file"),
    ):
        refused = run("channel", "wsdl", "registry", source)
        assert refused.exit_code != 0
        assert told in refused.output
    assert json.loads(run("channel", "show", "registry").output)["revision"] == 2


def test_addresses_are_barred_and_allowed_again(app: Flask, run: Run) -> None:
    assert "any more" in run("contact", "bar", "۰۹۱۲ ۳۴۵ ۶۷۸۹", "--reason", "opted_out").output
    assert "anyway" in run("contact", "bar", "+989123456789").output
    run("contact", "bar", "Ali@Example.org")
    listed = run("contact", "list").output
    assert "+989123456789" in listed
    assert "ali@example.org" in listed
    assert "opted_out" in listed
    for without in ((), ("--reason", " ")):
        assert run("contact", "allow", "09123456789", *without).exit_code == 2
    allowed = run("contact", "allow", "09123456789", "--reason", "she called", "--as", "maryam")
    assert "again" in allowed.output
    with transaction_of(app):
        told = no_contact.past_of("09123456789")[0]
    assert (told.actor_names["en"], told.data["note"]) == ("Maryam", "she called")
    assert "anyway" in run("contact", "allow", "09123456789", "--reason", "she called").output
    assert "+989123456789" not in run("contact", "list").output
    assert run("contact", "bar", "nobody").exit_code == 2
    long = run("contact", "bar", "eva@example.org", "--note", "once\nmore " * 60)
    assert "any more" in long.output
    assert "once more once more" in run("contact", "list").output
