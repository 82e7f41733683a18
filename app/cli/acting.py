"""Who acts when an operator works from a terminal, and the values that are typed there."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from app.access import Actor

AS = click.option(
    "--as", "login", default=None, help="Act as this person, with their name in the history."
)
REASON = click.option("--reason", default="", help="Why, for the history.")


def acting(login: str | None) -> Actor:
    """The person of that login, else whoever has the machine in hand; raises NoSuch."""
    from app.access import TERMINAL
    from app.services import people

    return TERMINAL if login is None else people.actor_of(people.by_login(login))


def read_values(pairs: Sequence[str]) -> dict[str, Any]:
    """The variables of ``name=value`` texts: a value is JSON, or else the text itself.

    Raises BadParameter.
    """
    found: dict[str, Any] = {}
    for pair in pairs:
        name, sign, value = pair.partition("=")
        if not name or not sign:
            raise click.BadParameter(f"write name=value, not {pair!r}.")
        found[name] = _read(value)
    return found


def _read(value: str) -> Any:
    try:
        return json.loads(value, parse_constant=_refuse)
    except ValueError:
        return value


def _refuse(word: str) -> None:
    raise click.BadParameter(f"{word} is no number that can be kept.")
