"""``peygir connector``: what the ways to partners are and can do."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from app.cli.edge import explained

if TYPE_CHECKING:
    from connectors.contract import Connector

LANGUAGE = click.option(
    "--language", type=click.Choice(["en", "fa"]), default="en", show_default=True
)


@click.group()
def connector() -> None:
    """Look at the kinds of connectors, and at what partners describe."""


@connector.command("wsdl")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--lang", type=click.Choice(["en", "fa"]), default="en", help="The language.")
@explained
def show_wsdl(file: Path, lang: str) -> None:
    """Print the operations and fields of a WSDL, or of a zip file with its imports.

    Nothing is fetched, and no database is needed.
    """
    from app.cli.told_wsdl import tell_wsdl

    click.echo(tell_wsdl(file, lang))


@connector.command("list")
@explained
def list_kinds() -> None:
    """Print every kind: its name, the type of its tasks, what it can do; and on the standard error
    each one of another package that is left out, with the reason."""
    from connectors import registry

    for kind in registry.kinds().values():
        able = ",".join(sorted(kind.abilities))
        click.echo(f"{kind.kind:<14}{kind.task_type:<10}{able:<24}{kind.names['en']}")
    for one in registry.unusable():
        click.echo(str(one), err=True)


@connector.command("show")
@click.argument("kind")
@LANGUAGE
@explained
def show_kind(kind: str, language: str) -> None:
    """Print what a kind takes and gives: options, inputs, results, errors."""
    from connectors.reference import describe

    click.echo(describe(_kind(kind), language), nl=False)


@connector.command("template")
@click.argument("kinds", nargs=-1)
@LANGUAGE
@explained
def print_template(kinds: tuple[str, ...], language: str) -> None:
    """Print the element templates of KINDS, or of all, as the modeler reads them."""
    from connectors import registry
    from connectors.element_templates import element_templates

    chosen = [_kind(name) for name in kinds] or list(registry.kinds().values())
    click.echo(json.dumps(element_templates(chosen, language), ensure_ascii=False, indent=2))


def _kind(name: str) -> Connector:
    from connectors import registry

    found = registry.find(name)
    if found is None:
        known = ", ".join(registry.kinds())
        raise click.BadParameter(f"there is no kind {name!r}; there are: {known}.")
    return found
