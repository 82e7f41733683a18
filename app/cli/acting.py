"""Who acts when an operator works from a terminal, and the values that are typed there."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from app.access import Actor

AS = click.option(
    "--as", "login", default=None, help="Act as this person, with their name in the history."
)
NUMBER = click.IntRange(1, 2**63 - 1)
"""An id or a version, as the database counts."""
REASON = click.option("--reason", default="", help="Why, for the history.")


def acting(login: str | None) -> Actor:
    """The person of that login, else whoever has the machine in hand; raises NoSuch.

    They are spoken to in English, as all commands speak.
    """
    from app.access import TERMINAL
    from app.services.accounts import people

    if login is None:
        return TERMINAL
    return replace(people.actor_of(people.by_login(login)), language="en")


def read_values(pairs: Sequence[str], texts: Container[str] = ()) -> dict[str, Any]:
    """The variables of ``name=value`` texts: a value is JSON, or else the text itself.

    What is known to be one of the ``texts`` stays as it was typed, were it digits alone. Raises
    BadParameter.
    """
    found: dict[str, Any] = {}
    for pair in pairs:
        name, sign, value = pair.partition("=")
        if not name or not sign:
            raise click.BadParameter(f"write name=value, not {pair!r}.")
        try:
            read = _read(value)
        except click.BadParameter as error:
            raise click.BadParameter(f"{name}: {error.message}") from error
        found[name] = value if name in texts and not isinstance(read, str) else read
    return found


def _read(value: str) -> Any:
    try:
        return read_json(value)
    except ValueError as error:
        if value.lstrip()[:1] in _OPENING:
            told = "write a text that begins so in quotes, as JSON."
            raise click.BadParameter(f"this is not JSON ({error}); {told}") from error
        return value


_OPENING = ("{", "[", '"')
"""What begins like this was meant as JSON."""


def read_json(text: str) -> Any:
    """The value of a JSON text; raises ValueError for what is none, and BadParameter for what
    cannot be kept as it is, by the rules of the API."""
    from app.api import reading
    from app.errors import Invalid

    try:
        return reading.read_json(text.encode())
    except (reading.NameTwice, reading.NestedTooDeep, reading.NumberNotKept) as error:
        raise click.BadParameter(error.message("en")) from error
    except reading.NotJson as error:
        raise ValueError(error.message("en")) from error
    except Invalid as error:
        told = " ".join(word for words in error.errors.values() for word in words)
        raise click.BadParameter(told) from error
