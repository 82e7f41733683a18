"""``peygir mailing``: how mailings fare, and the hand on the brake."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from app.cli.acting import AS, NUMBER, acting
from app.cli.edge import application, explained

if TYPE_CHECKING:
    from app.models import Mailing

ID = click.argument("number", type=NUMBER)


@click.group()
def mailing() -> None:
    """Messages to many customers."""


@mailing.command("list")
@explained
def list_mailings() -> None:
    """Print the newest mailings: number, state, how many are done, title."""
    from app.services.bulk_sending import mailing_reports, mailings

    with application():
        rows = mailings.list_page(limit=100)[:100]
        totals = mailing_reports.totals(rows)
        for row in rows:
            total, still = totals.get(row.id, (0, 0))
            done = f"{total - still}/{total}"
            click.echo(f"{row.id:>6}  {row.state:<10}{done:>13}  {row.title}")


@mailing.command()
@ID
@explained
def show(number: int) -> None:
    """Print a mailing and its progress as JSON."""
    from app.services.bulk_sending import mailing_reports, mailings

    with application():
        found = mailings.find(number)
        facts = {**_facts(found), **mailing_reports.told(found)}
        click.echo(json.dumps(facts, ensure_ascii=False, indent=2, default=str))


def _facts(found: Mailing) -> dict[str, object]:
    names = ("id", "title", "medium", "state", "texts", "audience", "per_minute", "starts_at")
    return {name: getattr(found, name) for name in names}


@mailing.command()
@ID
@AS
@explained
def stop(number: int, login: str | None) -> None:
    """Hold back all that was not handed over yet."""
    from app import clock_now
    from app.db import transaction
    from app.services.bulk_sending import mailing_acts

    with application():
        with transaction():
            mailing_acts.stop(number, acting(login), clock_now())
        gone, held = mailing_acts.gone(number), mailing_acts.held_back(number)
    click.echo(f"Stopped. {gone} had gone out or were being handed over; {held} are held back.")


@mailing.command()
@ID
@AS
@explained
def report(number: int, login: str | None) -> None:
    """Print what became of each recipient, as CSV."""
    from app.services.bulk_sending import mailing_reports, mailings

    with application():
        for some in mailing_reports.as_csv(mailings.find(number), acting(login)):
            click.echo(some, nl=False)


@mailing.command()
@click.argument("address")
@AS
@explained
def refuse(address: str, login: str | None) -> None:
    """Send no mailings to ADDRESS any more, but answers to requests."""
    from app import clock_now
    from app.db import transaction
    from app.services.bulk_sending import unsubscribing

    with application(), transaction():
        asked = unsubscribing.of_address(address)
        changed = unsubscribing.end(asked, clock_now(), acting(login))
    click.echo("No mailing is sent there any more." if changed else "None was sent there anyway.")


@mailing.command()
@click.argument("address")
@AS
@explained
def allow(address: str, login: str | None) -> None:
    """Send mailings to ADDRESS again."""
    from app import clock_now
    from app.db import transaction
    from app.services.bulk_sending import unsubscribing

    with application(), transaction():
        asked = unsubscribing.of_address(address)
        changed = unsubscribing.begin_again(asked, clock_now(), acting(login))
    click.echo("Mailings may go there again." if changed else "They might go there anyway.")
