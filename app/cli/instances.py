"""``peygir instance``: look at running processes and lay hands on them."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from app.cli.acting import AS, NUMBER, REASON, acting, read_values
from app.cli.edge import application, explained
from app.cli.told_events import told_event

if TYPE_CHECKING:
    from app.access import Actor
    from app.models import Fault, ProcessInstance

ID = click.argument("instance_id", metavar="ID", type=NUMBER)
FAULT = click.option("--fault", type=NUMBER, help="Which one, where several stand.")
SET = click.option("--set", "pairs", multiple=True, metavar="NAME=VALUE", help="May be repeated.")
STATES = ("active", "suspended", "completed", "terminated")


@click.group()
def instance() -> None:
    """Running processes: look at them, stop them, let them go on, mend them.

    A value is JSON (amount=70, ok=true, 'who={"name": "Ali"}') or else a text.
    """


@instance.command("list")
@click.option("--process", default=None, help="The key of the process.")
@click.option("--version", type=NUMBER, default=None)
@click.option("--state", type=click.Choice(STATES), default=None)
@click.option("--faulty", is_flag=True, help="Only those with a fault.")
@click.option("--request", default=None, help="The number of the request.")
@click.option("--element", default=None, help="Where a token stands.")
@click.option("--before", type=NUMBER, default=None, help="Only ids below this one.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)
@explained
def list_all(faulty: bool, before: int | None, limit: int, **narrow: Any) -> None:
    """Print instances, newest first: id, process, version, state, request, where they stand."""
    from app.access import TERMINAL
    from app.services.execution import instances

    with application():
        filters = instances.InstanceFilters(faulty=faulty or None, **narrow)
        rows, more = instances.list_page(TERMINAL, filters, after=before, limit=limit)
        for row in rows:
            click.echo(_line(row))
        if more is not None:
            click.echo(f"There are more: add --before {more}.")


def _line(row: ProcessInstance) -> str:
    number = row.request.number if row.request else "-"
    process = f"{row.definition.key} {row.definition.version}"
    fault = " (fault)" if row.has_fault else ""
    stands = ",".join(row.tokens) or "-"
    return f"{row.id:<8} {process:<28} {row.condition:<10} {number:<10} {stands}{fault}"


@instance.command()
@ID
@click.option(
    "--history", type=click.IntRange(0, 10_000), default=20, show_default=True, metavar="N",
    help="How many of the newest entries of its history are printed.",
)  # fmt: skip
@explained
def show(instance_id: int, history: int) -> None:
    """Print where an instance stands, what it knows and waits for, and what happened to it."""
    from app.access import TERMINAL
    from app.services.casework import records
    from app.services.execution import instances

    with application():
        _print(instances.view(instance_id, TERMINAL))
        for event in reversed(records.events_of_instance(instance_id, history)):
            click.echo(told_event(event))


def _print(view: Any) -> None:
    from app.services.execution.faults import remedies

    click.echo(_line(view.row))
    for place in view.places:
        click.echo(f"token {place.key} at {place.element}")
    for task in view.tasks:
        owner = task.assignee.login if task.assignee else "nobody"
        click.echo(f"task {task.id} {task.element}, claimed by {owner}")
    for timer in view.timers:
        click.echo(f"timer {timer.element} due {timer.due_at.isoformat()}")
    for message in view.messages:
        click.echo(f"message {message.message} ({message.correlation}) at {message.element}")
    for fault in view.faults:
        if fault.resolved_at is None:
            click.echo(f"fault {fault.id} at {fault.element}: {fault.message}")
            click.echo(f"  {remedies(fault)['en']}")
    click.echo(json.dumps(view.variables, ensure_ascii=False, indent=1, default=str))


@instance.command()
@ID
@REASON
@AS
@explained
def suspend(instance_id: int, reason: str, login: str | None) -> None:
    """Let it stand still; what comes meanwhile takes effect when it is resumed."""
    from app.services.execution import operations

    _do(login, lambda who, now: operations.suspend(instance_id, reason, who, now))
    click.echo(f"Instance {instance_id} is suspended.")


@instance.command()
@ID
@REASON
@AS
@explained
def resume(instance_id: int, reason: str, login: str | None) -> None:
    """Let it go on, with all that came meanwhile, in its order."""
    from app.services.execution import operations

    _do(login, lambda who, now: operations.resume(instance_id, reason, who, now))
    click.echo(f"Instance {instance_id} goes on.")


@instance.command()
@ID
@click.option("--reason", required=True, help="Why, for the history.")
@AS
@explained
def cancel(instance_id: int, reason: str, login: str | None) -> None:
    """End it at once, and close its request."""
    from app.services.execution import operations

    _do(login, lambda who, now: operations.cancel(instance_id, reason, who, now))
    click.echo(f"Instance {instance_id} is cancelled.")


@instance.command()
@ID
@FAULT
@SET
@REASON
@AS
@explained
def retry(
    instance_id: int, fault: int | None, pairs: tuple[str, ...], reason: str, login: str | None
) -> None:
    """Try its fault again, with variables corrected by --set."""
    from app.services.execution import faults

    values = read_values(pairs)

    def act(who: Actor, now: Any) -> list[Fault]:
        tried = faults.retry(_fault(instance_id, fault), values, who, now, reason=reason)
        left = [one for one in faults.of_instance(instance_id) if one.resolved_at is None]
        return [one for one in left if one.element == tried.element]

    again = _do(login, act)
    click.echo(f"Instance {instance_id}: tried again.")
    for one in again:
        click.echo(f"It failed again at {one.element}: {one.message}", err=True)
    sys.exit(1 if again else 0)


@instance.command()
@ID
@FAULT
@SET
@click.option("--flow", default=None, help="By which flow a gateway is left.")
@REASON
@AS
@explained
def skip(
    instance_id: int,
    fault: int | None,
    pairs: tuple[str, ...],
    flow: str | None,
    reason: str,
    login: str | None,
) -> None:
    """Take its faulted step as done, with the values that it should have given by --set."""
    from app.services.execution import faults

    values = read_values(pairs)

    def act(who: Actor, now: Any) -> None:
        faults.skip(_fault(instance_id, fault), values, who, now, flow=flow, reason=reason)

    _do(login, act)
    click.echo(f"Instance {instance_id}: skipped.")


def _fault(instance_id: int, fault: int | None) -> int:
    """The fault that is meant; raises ClickException when none stands, or several."""
    from app.services.execution import faults, processes

    processes.find(instance_id)
    found: list[Fault] = [one for one in faults.of_instance(instance_id) if not one.resolved_at]
    if fault is not None:
        found = [one for one in found if one.id == fault]
    if not found:
        raise click.ClickException(f"No such fault stands in instance {instance_id}.")
    if len(found) > 1:
        listed = ", ".join(f"{one.id} at {one.element}" for one in found)
        raise click.ClickException(f"Several faults stand; choose one by --fault: {listed}.")
    return found[0].id


@instance.command("set")
@ID
@click.argument("pairs", metavar="NAME=VALUE...", nargs=-1, required=True)
@click.option("--scope", default=None, help="An element, or a token's key, with its own variables.")
@REASON
@AS
@explained
def set_variables(
    instance_id: int, pairs: tuple[str, ...], scope: str | None, reason: str, login: str | None
) -> None:
    """Change variables."""
    from app.services.execution import operations

    given = (instance_id, read_values(pairs), scope, reason)
    _do(login, lambda who, now: operations.change_variables(*given, who, now))
    click.echo(f"Instance {instance_id}: changed {', '.join(sorted(given[1]))}.")


@instance.command()
@ID
@click.argument("token")
@click.argument("to")
@REASON
@AS
@explained
def move(instance_id: int, token: str, to: str, reason: str, login: str | None) -> None:
    """Take away a TOKEN (its key, or where the only one stands) and put one before TO."""
    from app.services.execution import operations

    _do(login, lambda who, now: operations.move(instance_id, token, to, reason, who, now))
    click.echo(f"Instance {instance_id}: moved to {to}.")


@instance.command()
@ID
@AS
@explained
def rebuild(instance_id: int, login: str | None) -> None:
    """Tell its tasks, timers, messages, jobs and faults anew from the engine's state."""
    from app.services.execution import agreement

    different = _do(login, lambda who, now: agreement.rebuild(instance_id, who, now))
    for one in different:
        click.echo(str(one))
    click.echo(f"Instance {instance_id}: {len(different)} differences mended.")


def _do(login: str | None, act: Callable[[Actor, Any], Any]) -> Any:
    """One act in one transaction, as who was asked for."""
    from app import clock_now
    from app.db import transaction

    with application(), transaction():
        return act(acting(login), clock_now())
