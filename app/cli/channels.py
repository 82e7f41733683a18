"""``peygir channel``: the channels by which processes reach people and partners."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from app.cli.acting import AS, acting, read_values
from app.cli.edge import application, explained

if TYPE_CHECKING:
    from app.services.sending.channel_settings import Draft
    from app.services.sending.channels import Way
    from app.services.sending.wsdl_bundles import Judged

LANGUAGE = click.option(
    "--language", type=click.Choice(["en", "fa"]), default="en", show_default=True
)


@click.group()
def channel() -> None:
    """The channels by which processes reach people and partners."""


@channel.command("list")
@explained
def list_channels() -> None:
    """Print every channel: key, kind, whether it is on, its revision."""
    from app.services.sending import channels

    with application():
        for way in channels.all_ways():
            state = "on" if way.enabled else "off"
            default = "default" if way.is_default else ""
            click.echo(f"{way.key:<20}{way.kind:<14}{state:<5}{default:<9}{way.revision:>4}")


@channel.command("show")
@click.argument("key")
@explained
def show_channel(key: str) -> None:
    """Print a channel as JSON; of its secrets only that they are set."""
    from app.services.sending import channels
    from connectors import registry

    with application():
        way = channels.find(key)
        kind = registry.find(way.kind)
        secrets = sorted(kind.secret_names() & channels.set_secrets(way)) if kind else []
        facts = {name: getattr(way, name) for name in _SHOWN}
        click.echo(json.dumps({**facts, "secrets": secrets}, ensure_ascii=False, indent=2))


_SHOWN = (
    "key", "kind", "task_type", "names", "enabled", "is_default", "revision", "options", "policy",
)  # fmt: skip


@channel.command("set")
@click.argument("key")
@click.option("--kind", default="", help="Of a new channel; it never changes.")
@click.option("--name-fa", default=None, help="Name in Persian.")
@click.option("--name-en", default=None, help="Name in English.")
@click.option("--option", "options", multiple=True, help="name=value, the value as JSON or a text.")
@click.option("--secret", "secrets", multiple=True, help="Name of a secret, which is asked for.")
@click.option(
    "--secret-file", "files", multiple=True, help="name=FILE: a secret that is read from there."
)
@click.option("--policy", "policies", multiple=True, help="name=value, such as per_minute=60.")
@click.option("--on/--off", "enabled", default=None, help="Switch it on or off.")
@click.option("--default/--no-default", "is_default", default=None, help="For tasks of its type.")
@AS
@explained
def set_channel(key: str, login: str | None, **typed: Any) -> None:
    """Make or change the channel KEY; what is not named stays as it is."""
    from app import clock_now
    from app.db import transaction
    from app.services.sending import channel_settings

    secrets = _read_secrets(typed["secrets"], typed["files"])
    with application():
        draft = _draft(key, typed, secrets)
        with transaction():
            row = channel_settings.save(draft, acting(login), clock_now())
            revision = row.revision
    click.echo(f"{key} is at revision {revision}.")


def _draft(key: str, typed: dict[str, Any], secrets: dict[str, str]) -> Draft:
    """The channel as it is, with what was typed."""
    from app.errors import NoSuch
    from app.services.sending import channel_policy, channels
    from app.services.sending.channel_settings import Draft

    try:
        way: Way | None = channels.find(key)
    except NoSuch:
        way = None
    names = {code: typed[f"name_{code}"] for code in ("fa", "en")}
    kind = typed["kind"] or (way.kind if way else "")
    options = read_values(typed["options"], _texts(kind))
    _refuse_secrets(kind, options)
    return Draft(
        key,
        kind,
        {**(way.names if way else {}), **{c: name for c, name in names.items() if name}},
        {**(way.options if way else {}), **options},
        secrets,
        {**channel_policy.dump(way.policy if way else {}), **_policies(typed["policies"])},
        enabled=_chosen(typed["enabled"], way.enabled if way else True),
        is_default=_chosen(typed["is_default"], way.is_default if way else False),
    )


def _policies(typed: tuple[str, ...]) -> dict[str, Any]:
    """What was typed of the policy; ``per_minute=`` takes it away, as a box left empty does."""
    return {name: None if value == "" else value for name, value in read_values(typed).items()}


def _refuse_secrets(kind: str, options: dict[str, Any]) -> None:
    """Secrets never stand on the command line, where everybody on the machine could see them."""
    from connectors import registry

    connector = registry.kinds().get(kind)
    for name in sorted(options.keys() & connector.secret_names()) if connector else ():
        raise click.BadParameter(
            f"{name} is a secret: give it by --secret {name} or --secret-file {name}=FILE, and "
            "change it, since others may have seen it now.",
            param_hint="--option",
        )


def _texts(kind: str) -> set[str]:
    """The options of a kind that are texts, such as the number of a line."""
    from marshmallow import fields

    from connectors import registry

    connector = registry.kinds().get(kind)
    options = connector.Options().fields if connector else {}
    return {name for name, field in options.items() if isinstance(field, fields.String)}


def _chosen(typed: bool | None, kept: bool) -> bool:
    return kept if typed is None else typed


def _read_secrets(asked: tuple[str, ...], files: tuple[str, ...]) -> dict[str, str]:
    """The secrets from files, and those that are asked for."""
    found = {}
    for pair in files:
        name, sign, path = pair.partition("=")
        if not sign:
            raise click.BadParameter("write name=FILE.", param_hint="--secret-file")
        try:
            found[name] = Path(path).read_text(encoding="utf-8").rstrip("\n")
        except (OSError, UnicodeDecodeError) as error:
            raise click.BadParameter(str(error), param_hint="--secret-file") from error
    for name in asked:
        found[name] = click.prompt(name, hide_input=True, err=True)
    return found


@channel.command("wsdl")
@click.argument("key")
@click.argument("source")
@AS
@explained
def give_wsdl(key: str, source: str, login: str | None) -> None:
    """Let the SOAP channel KEY use the WSDL at SOURCE: a file, a zip file with its imports, or an
    address, from which it is fetched once."""
    from app import clock_now
    from app.db import transaction
    from app.services.sending import wsdl_bundles
    from connectors.wsdl_words import BadWsdl

    with application():
        try:
            judged = _judged(key, source)
        except BadWsdl as error:
            raise click.ClickException(error.text("en")) from None
        with transaction():
            row = wsdl_bundles.give(key, judged, None, acting(login), clock_now())
            revision = row.revision
    names = ", ".join(one["name"] for one in judged.operations)
    click.echo(f"{key} is at revision {revision}, with the operations {names}.")


def _judged(key: str, source: str) -> Judged:
    from app.services.sending import wsdl_bundles

    if "://" in source:
        return wsdl_bundles.judge_fetched(source, key)
    try:
        data = Path(source).read_bytes()
    except OSError as error:
        raise click.BadParameter(str(error), param_hint="SOURCE") from error
    return wsdl_bundles.judge_upload(Path(source).name, data)


@channel.command("test")
@click.argument("key")
@LANGUAGE
@AS
@explained
def test_channel(key: str, language: str, login: str | None) -> None:
    """Reach the partner of the channel KEY without any effect there; exit code 1 when it fails."""
    from app import clock_now
    from app.db import transaction
    from app.services.sending import probing

    with application():
        probed = probing.probe(key, language)
        with transaction():
            probing.note(key, probed, acting(login), clock_now())
    click.echo(probed.words)
    sys.exit(int(not probed.worked))


@channel.command()
@click.option("--drop-old", is_flag=True, help="Then take the older keys out of the key file.")
@AS
@explained
def rotate(drop_old: bool, login: str | None) -> None:
    """Make a new key and encrypt the secrets of all channels with it.

    Where the keys come from PEYGIR_SECRET_KEYS, put the new one first there and start every
    process again before you call this. A backup made before needs the older keys.
    """
    from app import clock_now
    from app.db import transaction
    from app.services.sending import channel_settings, keys

    with application():
        if not keys.are_in_environment():
            keys.begin_new_key()
        with transaction():
            number = channel_settings.encrypt_again(acting(login), clock_now())
        dropped = keys.drop_old_keys() if drop_old else 0
    click.echo(
        f"{number} channels are encrypted with the newest key; {dropped} older keys dropped."
    )


@channel.command("new-key")
def new_key() -> None:
    """Print a new key for PEYGIR_SECRET_KEYS."""
    from app.config import new_secret_key

    click.echo(new_secret_key())
