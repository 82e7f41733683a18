"""``peygir doubtful``: messages of which nobody knows whether they arrived."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from app.cli.acting import AS, NUMBER, REASON, acting
from app.cli.edge import application, explained

if TYPE_CHECKING:
    from app.services.sending.doubtful import Decision


@click.group()
def doubtful() -> None:
    """Messages and calls of no service task of which nobody knows whether they arrived."""


@doubtful.command("list")
@explained
def list_doubtful() -> None:
    """Print the newest: number, when it was written, medium, receiver, reference."""
    from app.access import TERMINAL
    from app.services.sending import doubtful as messages

    with application():
        for row in messages.list_page(TERMINAL, limit=100)[:100]:
            at = row.created_at.isoformat(timespec="minutes")
            click.echo(f"{row.id:>6}  {at}  {row.channel:<8}{row.recipient}  {row.reference}")


@doubtful.command()
@click.argument("number", type=NUMBER)
@click.argument("decision", type=click.Choice(["arrived", "again", "given_up"]))
@REASON
@AS
@explained
def decide(number: int, decision: Decision, reason: str, login: str | None) -> None:
    """Say that a message arrived, send it again under the same reference, or give it up."""
    from app import clock_now
    from app.db import transaction
    from app.services.bulk_sending import prospects
    from app.services.sending import doubtful as messages

    with application(), transaction():
        now = clock_now()
        row = messages.decide(number, decision, reason, acting(login), now)
        told = prospects.WORDS[prospects.of(row, now)]["en"] if decision == "again" else "Decided."
    click.echo(told)
