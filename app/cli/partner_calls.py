"""``peygir partner-call``: calls of partners that no process waited for."""

from __future__ import annotations

import json

import click

from app.cli.acting import AS, NUMBER, acting
from app.cli.edge import application, explained

ID = click.argument("number", type=NUMBER)


@click.group("partner-call")
def partner_call() -> None:
    """Calls of partners that no process waited for."""


@partner_call.command("list")
@click.option(
    "--state", type=click.Choice(["unheard", "waiting", "dropped"]), default="unheard",
    show_default=True,
)  # fmt: skip
@explained
def list_calls(state: str) -> None:
    """Print the newest calls: number, when they came, channel, message, correlation key."""
    from app.services.intake import unheard_calls
    from app.services.sending import channels

    with application():
        keys = {one.id: one.key for one in channels.all_ways()}
        for row in unheard_calls.list_page(state, limit=100)[:100]:
            at = row.received_at.isoformat(timespec="minutes")
            said = f"{row.message}  {row.correlation}  {row.why or ''}".rstrip()
            click.echo(f"{row.id:>6}  {at}  {keys[row.channel_id]:<20}{said}")


@partner_call.command()
@ID
@AS
@explained
def offer(number: int, login: str | None) -> None:
    """Give a call to the processes that wait for it by now."""
    from app import clock_now
    from app.db import transaction
    from app.services.intake import unheard_calls

    with application(), transaction():
        heard = unheard_calls.offer(number, acting(login), clock_now()).reached
    click.echo(f"Processes that heard it: {heard}." if heard else "Still nothing waits for it.")


@partner_call.command()
@ID
@click.option("--reason", required=True, help="Why, for the history.")
@AS
@explained
def drop(number: int, reason: str, login: str | None) -> None:
    """Let nothing come of a call."""
    from app import clock_now
    from app.db import transaction
    from app.services.intake import unheard_calls

    with application(), transaction():
        unheard_calls.drop(number, reason, acting(login), clock_now())
    click.echo("Dropped.")


@partner_call.command()
@ID
@explained
def show(number: int) -> None:
    """Print what a call says, and what was done with it."""
    from app.cli.told_events import told_event
    from app.services import history
    from app.services.intake import unheard_calls

    with application():
        row = unheard_calls.find(number)
        click.echo(f"{row.message}  key {row.correlation}  {row.state}")
        click.echo(json.dumps(row.data, ensure_ascii=False, indent=1))
        for event in reversed(history.deeds_of(unheard_calls.element_of(number))):
            click.echo(told_event(event))


@partner_call.command()
@ID
@click.option("--key", default=None, help="The right correlation key.")
@click.option("--values", default=None, help="All values, as a JSON object.")
@click.option("--reason", required=True, help="Why, for the history.")
@AS
@explained
def correct(
    number: int, key: str | None, values: str | None, reason: str, login: str | None
) -> None:  # fmt: skip
    """Put the key or the values of a call right before it is offered again."""
    from app import clock_now
    from app.db import transaction
    from app.services.intake import unheard_calls

    with application(), transaction():
        unheard_calls.correct(number, key, values, reason, acting(login), clock_now())
    click.echo("Corrected.")
