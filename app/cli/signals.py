"""``peygir signal``: tells all waiting processes at once."""

from __future__ import annotations

from typing import Any

import click

from app import clock_now
from app.access import SYSTEM
from app.cli.acting import read_json
from app.db import transaction
from app.services.execution import signals


def throw(name: str, variables: str) -> str:
    """Throws the signal with the variables of a JSON text; what to tell the person."""
    values = _read(variables)
    with transaction():
        sent = signals.throw(name, values, SYSTEM, clock_now())
    return f"“{name}” reaches {sent.reached} waiting places and begins {sent.begun} processes."


def _read(text: str) -> dict[str, Any]:
    try:
        values = read_json(text)
    except ValueError as error:
        raise click.BadParameter(f"no JSON: {error}", param_hint="--variables") from error
    if not isinstance(values, dict):
        raise click.BadParameter("write a JSON object, such as {\"n\": 1}.",
                                 param_hint="--variables")  # fmt: skip
    return values
