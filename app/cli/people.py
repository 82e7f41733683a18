"""``peygir user``: staff, programs, their groups, passwords and tokens."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

import click

from app.cli.acting import REASON
from app.cli.edge import application, explained

GROUP_KEY = re.compile(r"[a-z][a-z0-9_-]{0,39}")
if TYPE_CHECKING:
    from app.models import User

ROLES = ("staff", "manager", "designer", "operator", "administrator", "integration")


@click.group()
def user() -> None:
    """People and programs that may come in."""


@user.command("list")
@explained
def list_all() -> None:
    """Print everybody: login, name, roles, groups."""
    from app.services.accounts import people

    with application():
        for person in people.list_users():
            groups = ",".join(group.key for group in person.groups) or "-"
            state = "" if person.is_active else "  (deactivated)"
            roles = ",".join(person.roles) or "-"
            click.echo(f"{person.login:<16} {_name(person.names):<24} {roles:<22} {groups}{state}")


@user.command()
@click.argument("login")
@click.option("--name-fa", default="", help="Name in Persian.")
@click.option("--name-en", default="", help="Name in English.")
@click.option("--email", default=None)
@click.option("--mobile", default="", help="For text messages, where there is no e-mail address.")
@click.option("--role", "roles", multiple=True, type=click.Choice(ROLES), help="May be repeated.")
@click.option("--group", "groups", multiple=True, help="May be repeated.")
@click.option("--no-password", is_flag=True, help="For programs, which use tokens only.")
@explained
def add(
    login: str,
    name_fa: str,
    name_en: str,
    email: str | None,
    mobile: str,
    roles: tuple[str, ...],
    groups: tuple[str, ...],
    no_password: bool,
) -> None:
    """Add LOGIN; asks for a password, or reads it from the standard input."""
    from app import clock_now
    from app.access import TERMINAL
    from app.db import transaction
    from app.services.accounts import people, staff

    names = {key: text for key, text in (("fa", name_fa), ("en", name_en)) if text}
    secret = None if no_password else ask_password()
    with application(), transaction():
        made = people.add_user(
            login,
            names or {"en": login},
            clock_now(),
            roles=roles or ("staff",),
            groups=groups,
            password=secret,
            language="en",
            by=TERMINAL,
        )
        staff.reach_at(made, email or "", mobile, TERMINAL, clock_now(), reason="new")
    click.echo(f"{login} was added.")


@user.command()
@click.argument("login")
@click.option("--email", default=None, help="Where letters go; empty for none.")
@click.option("--mobile", default=None, help="For text messages, where there is no e-mail address.")
@REASON
@explained
def reach(login: str, email: str | None, mobile: str | None, reason: str) -> None:
    """Say where letters to LOGIN go, and with --reason why; what is not named stays as it is."""
    from app import clock_now
    from app.access import TERMINAL
    from app.db import transaction
    from app.services.accounts import people, staff

    with application(), transaction():
        found = people.by_login(login)
        address = (found.email or "") if email is None else email
        number = (found.phone or "") if mobile is None else mobile
        staff.reach_at(found, address, number, TERMINAL, clock_now(), reason=reason)
        click.echo(f"{found.email or '-'} {found.phone or '-'}")


@user.command()
@click.argument("login")
@explained
def password(login: str) -> None:
    """Give LOGIN a new password and end all its sessions."""
    from app import clock_now
    from app.access import TERMINAL
    from app.db import transaction
    from app.services.accounts import people, staff

    secret = ask_password()
    with application(), transaction():
        staff.give_password(people.by_login(login), secret, TERMINAL, clock_now(), "en")
    click.echo(f"{login} has a new password.")


@user.command()
@click.argument("login", required=False)
@click.argument("groups", nargs=-1)
@explained
def group(login: str | None, groups: tuple[str, ...]) -> None:
    """Put LOGIN into exactly these GROUPS; without any, print the groups there are."""
    from app import clock_now
    from app.access import TERMINAL
    from app.db import transaction
    from app.services.accounts import people, staff

    with application(), transaction():
        if login is None or not groups:
            for found in people.list_groups():
                click.echo(f"{found.key:<16} {_name(found.names)}")
            return
        person = people.by_login(login)
        staff.place(person, TERMINAL, clock_now(), roles=person.roles, groups=groups)
    click.echo(f"{login} is in: {', '.join(groups)}")


@user.command("add-group")
@click.argument("key")
@click.option("--name-fa", required=True, help="Name in Persian.")
@click.option("--name-en", required=True, help="Name in English.")
@explained
def add_group(key: str, name_fa: str, name_en: str) -> None:
    """Add a group of staff that processes may name by KEY."""
    from app import clock_now
    from app.access import TERMINAL
    from app.db import transaction
    from app.services.accounts import people

    if not GROUP_KEY.fullmatch(key):
        # Diagrams list groups with commas between them.
        raise click.BadParameter("use small letters, digits, - and _, such as legal-office.")
    with application(), transaction():
        people.add_group(key, {"fa": name_fa, "en": name_en}, TERMINAL, clock_now())
    click.echo(f"The group {key} is there.")


@user.command()
@click.argument("name")
@click.option("--login", default=None, help="The person or program that the token speaks for.")
@click.option("--role", "roles", multiple=True, type=click.Choice(ROLES), help="Of a new program.")
@explained
def token(name: str, login: str | None, roles: tuple[str, ...]) -> None:
    """Print a new API token called NAME, once.

    It speaks for the program NAME, which is made when it is new. A token that speaks for a
    person, with all that this person may do, must be asked for by --login.
    """
    from app import clock_now
    from app.access import TERMINAL
    from app.db import transaction
    from app.services.accounts import api_tokens

    with application(), transaction():
        owner = _owner(name, login, roles or ("integration",))
        made = api_tokens.issue(owner.login, name, clock_now(), by=TERMINAL)
    click.echo(made)


def _owner(name: str, login: str | None, roles: tuple[str, ...]) -> User:
    """For whom the token speaks; raises UsageError for a person who is not named by --login."""
    from app import clock_now
    from app.access import TERMINAL
    from app.errors import NotFound
    from app.services.accounts import people

    if login is not None:
        return people.by_login(login)
    try:
        found = people.by_login(name)
    except NotFound:
        both = {"en": name, "fa": name}
        return people.add_user(name, both, clock_now(), roles=roles, by=TERMINAL)
    if found.password_hash is not None:
        raise click.UsageError(
            f"{name} is a person, and the token could do all that they may do. If you want this, "
            f"add --login {name}; for a program, choose another name."
        )
    return found


@user.command()
@click.argument("name")
@click.option("--login", default=None, help="Whose token; by default the program NAME's.")
@explained
def revoke(name: str, login: str | None) -> None:
    """End the API tokens called NAME at once."""
    from app import clock_now
    from app.access import TERMINAL
    from app.db import transaction
    from app.services.accounts import api_tokens

    with application(), transaction():
        ended = api_tokens.revoke(login or name, clock_now(), name=name, by=TERMINAL)
    if not ended:
        raise click.ClickException(f"{login or name} has no token called {name}; nothing changed.")
    click.echo(f"Tokens called {name} that were ended: {ended}")


@user.command()
@click.argument("login")
@explained
def deactivate(login: str) -> None:
    """Let LOGIN in no more; its open tasks wait for the group again, its past stays."""
    from app import clock_now
    from app.access import TERMINAL
    from app.db import transaction
    from app.services.accounts import people, staff

    with application(), transaction():
        staff.let_in(people.by_login(login), TERMINAL, clock_now(), may_enter=False)
    click.echo(f"{login} may come in no more.")


@user.command()
@click.argument("login")
@click.option(
    "--history", "count", type=click.IntRange(1, 10_000), default=50, show_default=True,
    metavar="N", help="How many of the newest entries are printed.",
)  # fmt: skip
@explained
def history(login: str, count: int) -> None:
    """Print what happened to the account of LOGIN, the oldest first: who did what, and when."""
    from app import clock_now
    from app.cli.told_events import told_event
    from app.services import history
    from app.services.accounts import past, people

    with application():
        found = people.by_login(login)
        for event in reversed(history.deeds_of(past.element_of(found), count)):
            click.echo(told_event(event))
        failed = past.failures_of(found.login, clock_now())
    if failed.last:
        last = failed.last.isoformat(timespec="seconds")
        click.echo(f"failed sign-ins in the last two days: {failed.times}, the last at {last}")
    if failed.locked_until:
        click.echo(f"must wait until {failed.locked_until.isoformat(timespec='seconds')}")


def ask_password() -> str:
    """The password: typed twice at a terminal, else the first line of the standard input."""
    if sys.stdin.isatty():
        typed: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
        return typed
    return sys.stdin.readline().rstrip("\n")


def _name(names: dict[str, str]) -> str:
    return names.get("en") or next(iter(names.values()), "")
