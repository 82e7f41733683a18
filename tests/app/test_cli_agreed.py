"""Tier, branch and contracts of a customer from a terminal."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app import clock_now
from app.cli import main
from app.cli.edge import application
from app.db import transaction
from app.models import Contract, Party
from app.services.deployment import shipped
from tests.app.services.story import MARYAM

Peygir = Callable[..., Result]


@pytest.fixture
def peygir(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Peygir:
    """``peygir("branch", "list")`` runs the command on a database with one customer."""
    monkeypatch.setenv("PEYGIR_DATABASE_URL", database)
    monkeypatch.setenv("PEYGIR_DATA", str(tmp_path / "data"))
    with application(), transaction() as session:
        shipped.install(clock_now())
        party = Party(name=MARYAM.name, language="fa", kind="person", created_at=clock_now())
        session.add(party)

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(main, list(arguments), catch_exceptions=False)

    return run


def test_a_customer_is_placed_and_a_contract_is_signed(peygir: Peygir) -> None:
    names = ("--name-fa", "شمال", "--name-en", "North")
    assert peygir("branch", "add", "north", *names, "--calendar", "england").exit_code == 0
    assert peygir("branch", "list").output.split() == ["north", "england", "North"]
    wrong = peygir("branch", "add", "south", *names, "--calendar", "moon")
    assert wrong.exit_code == 1
    assert "There is no such calendar." in wrong.output
    assert peygir("customer", "set", "1", "--tier", "gold").exit_code == 0
    assert "tier gold, branch north" in peygir("customer", "set", "1", "--branch", "north").output
    assert peygir("customer", "list").output.split()[:3] == ["1", "gold", "north"]
    contract = ("customer", "contract", "1", "C-1", *names, "--level", "full")
    assert peygir(*contract, "--from", "soon").exit_code == 1
    made = peygir(*contract, "--from", "1405/01/01", "--to", "2027-03-20", "--service", "laptop")
    assert "contract C-1, level full" in made.output
    with application(), transaction() as session:
        [signed] = session.query(Contract).all()
        assert (signed.services, signed.starts_on.isoformat()) == (["laptop"], "2026-03-21")
