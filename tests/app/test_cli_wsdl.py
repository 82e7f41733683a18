"""``peygir connector wsdl`` tells what a partner describes, without a database or a network."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from app.cli import main
from tests.connectors.wsdls import PARTNER

pytestmark = pytest.mark.slow


def test_operations_and_fields_are_printed() -> None:
    found = CliRunner().invoke(main, ["connector", "wsdl", str(PARTNER)])
    assert found.exit_code == 0
    lines = found.output.splitlines()
    assert lines[0] == "RegisterComplaint  (SOAP 1.1, document, http://127.0.0.1/complaints)"
    assert "    kind: text, required, billing|service|product" in lines
    assert "      birthDate: date, required, may be null" in lines
    assert "  refuses with: ComplaintRefused" in lines


def test_what_is_wrong_is_one_sentence(tmp_path: Path) -> None:
    file = tmp_path / "bad.wsdl"
    file.write_text("<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>")
    found = CliRunner().invoke(main, ["connector", "wsdl", "--lang", "fa", str(file)])
    assert found.exit_code == 1
    assert found.output.startswith(
        "Error: \u2068bad.wsdl\u2069، سطر ۱: در آن تعریف نوع سند (DOCTYPE)"
    )
