"""``peygir migrate-instances``: move running instances to another version of their process."""

from __future__ import annotations

import sys
from collections import Counter
from typing import TYPE_CHECKING

import click

from app.cli.acting import AS, NUMBER, acting
from app.cli.edge import application, explained

if TYPE_CHECKING:
    from app.access import Actor
    from app.services.execution.migrating import InstanceMove, Order


@click.command("migrate-instances")
@click.argument("key")
@click.option("--to", type=NUMBER, required=True, help="The version to go to.")
@click.option("--from", "of", type=NUMBER, help="Only instances of this version.")
@click.option("--map", "pairs", multiple=True, metavar="OLD=NEW", help="May be repeated.")
@click.option("--dry-run", is_flag=True, help="Say what would happen, and change nothing.")
@AS
@explained
def migrate_instances(
    key: str, to: int, of: int | None, pairs: tuple[str, ...], dry_run: bool, login: str | None
) -> None:
    """Move running instances of the process KEY to another version.

    Each is moved in a transaction of its own; one in which a token has nowhere to go is refused
    and stays as it is (exit code 1). Begun again, the command goes on with those that are left.
    """
    from app.services.execution import migrating

    with application():
        who = acting(login)
        order = migrating.order(key, to, migrating.read_mapping(pairs), who, of=of)
        sys.exit(_move_all(order, who, dry_run=dry_run))


def _move_all(order: Order, who: Actor, *, dry_run: bool) -> int:
    from app.services.execution import migrating

    counts: Counter[str] = Counter()
    last = 0
    while ids := migrating.waiting(order, who, after=last):
        for last in ids:
            done = _move_one(order, last, who, dry_run=dry_run)
            counts[done.verdict] += 1
            _print(done, order)
    listed = ", ".join(f"{number} {verdict}" for verdict, number in sorted(counts.items()))
    click.echo(f"{order.target.key}: {listed or 'no instance is left to move'}.")
    return int(counts["refused"] > 0)


def _move_one(order: Order, instance_id: int, who: Actor, *, dry_run: bool) -> InstanceMove:
    from app import clock_now
    from app.db import transaction
    from app.services.execution import migrating

    with transaction() as work:
        if dry_run:
            done = migrating.preview(order, instance_id, who)
        else:
            done = migrating.move(order, instance_id, who, clock_now())
    # However many there are, only one is kept in memory; the order's own rows are not asked again.
    work.expunge_all()
    return done


def _print(done: InstanceMove, order: Order) -> None:
    versions = f"version {done.version} to {order.target.version}"
    click.echo(f"instance {done.instance_id}, {versions}: {done.verdict}")
    for token in done.tokens:
        to = f" -> {token.to}" if token.to else ""
        click.echo(f"  {token.element}{to} ({token.verdict})")
    for listener in done.listeners:
        click.echo(f"  {listener.element} ({listener.verdict})")
    for reason in dict.fromkeys(reason["en"] for reason in done.reasons):
        click.echo(f"  {reason}")
