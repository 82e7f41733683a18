"""``peygir connector``: what the ways to partners are and can do."""

from __future__ import annotations

from pathlib import Path

import click

from app.cli.edge import explained


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
