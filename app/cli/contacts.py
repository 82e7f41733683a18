"""``peygir contact``: addresses that nothing is sent to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from app.cli.acting import AS, acting
from app.cli.edge import application, explained

if TYPE_CHECKING:
    from app.services.sending.no_contact import Kind, Reason

ADDRESS = click.argument("address")
NOTE = click.option("--note", default="", help="What colleagues should know about it.")


@click.group()
def contact() -> None:
    """E-mail addresses and telephone numbers that nothing is sent to."""


@contact.command("list")
@explained
def list_barred() -> None:
    """Print every such address: its kind, why, since when."""
    from app.services.sending import no_contact

    with application():
        for row in no_contact.all_barred():
            since = row.since.isoformat(timespec="minutes")
            click.echo(
                f"{row.kind:<7}{row.address:<40}{row.reason:<11}{since}  {row.note}".rstrip()
            )


@contact.command()
@ADDRESS
@click.option(
    "--reason", type=click.Choice(["asked", "opted_out", "bounced", "staff"]), default="asked"
)
@NOTE
@AS
@explained
def bar(address: str, reason: Reason, note: str, login: str | None) -> None:
    """Send nothing to ADDRESS any more."""
    from app import clock_now
    from app.db import transaction
    from app.services.sending import no_contact

    with application(), transaction():
        kind = _kind(address)
        who = acting(login)
        changed = no_contact.bar(kind, address, reason, who, clock_now(), note=note)
    click.echo("Nothing is sent there any more." if changed else "Nothing was sent there anyway.")


@contact.command()
@ADDRESS
@click.option("--reason", required=True, help="Why, for the history.")
@AS
@explained
def allow(address: str, reason: str, login: str | None) -> None:
    """Send to ADDRESS again."""
    if not reason.strip():
        raise click.BadParameter("write why it may be written to again.", param_hint="--reason")
    from app import clock_now
    from app.db import transaction
    from app.services.sending import no_contact

    with application(), transaction():
        who = acting(login)
        changed = no_contact.allow(_kind(address), address, who, clock_now(), note=reason)
    click.echo("It may be written to again." if changed else "It might be written to anyway.")


def _kind(address: str) -> Kind:
    """The kind of the address; raises BadParameter for what is none."""
    from app.services.sending import no_contact

    kind = no_contact.kind_of(address)
    if kind is None:
        raise click.BadParameter(f"{address!r} is no e-mail address and no telephone number.")
    return kind
