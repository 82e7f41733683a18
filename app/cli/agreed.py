"""``peygir customer`` and ``peygir branch``: what is agreed with customers, and the branches."""

from __future__ import annotations

from datetime import date

import click

from app.cli.edge import application, explained


@click.group()
def customer() -> None:
    """Customers: their tier, branch and contracts."""


@customer.command("list")
@click.argument("words", required=False, default="")
@explained
def list_customers(words: str) -> None:
    """Print the customers whose name, phone or e-mail holds WORDS: id, tier, branch, name."""
    from app.access import TERMINAL
    from app.services.casework import search

    with application():
        for one in search.find_customers(TERMINAL, words, limit=100).items:
            click.echo(f"{one.id:<8}{one.tier:<12}{one.branch_key or '-':<12}{one.name}")


@customer.command("set")
@click.argument("customer_id", type=int)
@click.option("--tier", default=None, help="A short word that policies ask for: gold.")
@click.option("--branch", default=None, help="The key of a branch; empty: none.")
@explained
def set_customer(customer_id: int, tier: str | None, branch: str | None) -> None:
    """Give the customer with this id a tier and a branch; what is not named stays."""
    from app import clock_now
    from app.access import TERMINAL
    from app.db import transaction
    from app.services.casework import agreed, records

    with application(), transaction():
        party = records.find_customer(customer_id, TERMINAL)
        wanted = party.branch_key or "" if branch is None else branch
        agreed.place(party, tier or party.tier, wanted, TERMINAL, clock_now(), language="en")
        click.echo(f"{party.name}: tier {party.tier}, branch {party.branch_key or '-'}")


@customer.command()
@click.argument("customer_id", type=int)
@click.argument("number")
@click.option("--name-fa", required=True, help="Name in Persian.")
@click.option("--name-en", required=True, help="Name in English.")
@click.option("--level", required=True, help="A short word that policies ask for: full.")
@click.option("--from", "first", required=True, help="First day: 2026-03-21 or 1405/01/01.")
@click.option("--to", "last", default=None, help="Last day; without it there is no end.")
@click.option("--service", "services", multiple=True, help="May be repeated; none: all of them.")
@explained
def contract(
    customer_id: int,
    number: str,
    name_fa: str,
    name_en: str,
    level: str,
    first: str,
    last: str | None,
    services: tuple[str, ...],
) -> None:
    """Make or change the contract NUMBER of the customer with this id."""
    from app import clock_now
    from app.access import TERMINAL
    from app.db import transaction
    from app.services.casework import agreed, records

    names = {"fa": name_fa, "en": name_en}
    until = _day(last) if last else None
    draft = agreed.ContractDraft(number, names, level, _day(first), until, services)
    with application(), transaction():
        party = records.find_customer(customer_id, TERMINAL)
        made = agreed.sign(party, draft, TERMINAL, clock_now(), language="en")
        click.echo(f"{party.name}: contract {made.number}, level {made.level}")


def _day(typed: str) -> date:
    from app.i18n import read_day

    found = read_day(typed)
    if found is None:
        raise click.ClickException(f"{typed} is not a day such as 2026-03-21.")
    return found


@click.group()
def branch() -> None:
    """Branches: places from which customers are served, with working hours of their own."""


@branch.command("list")
@explained
def list_branches() -> None:
    """Print the branches: key, calendar, name."""
    from app.services.casework import terms

    with application():
        for one in terms.branches():
            name = one.names.get("en") or one.key
            click.echo(f"{one.key:<16}{one.calendar or '-':<16}{name}")


@branch.command()
@click.argument("key")
@click.option("--name-fa", required=True, help="Name in Persian.")
@click.option("--name-en", required=True, help="Name in English.")
@click.option("--calendar", default="", help="The key of its calendar; without it the policy's.")
@explained
def add(key: str, name_fa: str, name_en: str, calendar: str) -> None:
    """Add the branch KEY, or change its names and calendar."""
    from app import clock_now
    from app.access import TERMINAL
    from app.db import transaction
    from app.services.casework import agreed

    draft = agreed.BranchDraft(key, {"fa": name_fa, "en": name_en}, calendar)
    with application(), transaction():
        made = agreed.keep_branch(draft, TERMINAL, clock_now(), language="en")
        click.echo(f"{made.key} is kept.")
