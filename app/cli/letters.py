"""``peygir letter``: how letters are worded, and how a request fills them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from app.cli.acting import AS, acting
from app.cli.edge import application, explained

if TYPE_CHECKING:
    from app.services.sending.letter_previews import Preview

LANGUAGES = ("fa", "en")
LANGUAGE = click.option("--language", type=click.Choice(LANGUAGES), help="One of both alone.")


@click.group()
def letter() -> None:
    """The letters to customers and colleagues."""


@letter.command("list")
@explained
def list_letters() -> None:
    """Print every letter: key, version of the organisation, first line, and what sends it."""
    from app.services.sending import letter_pages

    with application():
        for one in letter_pages.all_letters():
            version = f"v{one.version.version}" if one.version else "-"
            title = one.title("en")
            subject = f"{title.name}: {title.subject}" if title.name else title.subject
            uses = ",".join(use.key for use in one.uses) or "-"
            click.echo(f"{one.key:<32}{version:<5}{uses:<30}{subject}")


@letter.command("show")
@click.argument("key")
@LANGUAGE
@explained
def show_letter(key: str, language: str | None) -> None:
    """Print the letter KEY as it is in force."""
    from app.services.sending import letters

    with application():
        for one, text in sorted(letters.find(key).items()):
            if language in (None, one):
                click.echo(f"# {letters.name_of(key, one)}")
                click.echo(text)


@letter.command("preview")
@click.argument("key")
@click.argument("number")
@LANGUAGE
@AS
@explained
def preview_letter(key: str, number: str, language: str | None, login: str | None) -> None:
    """Print the letter KEY as the request NUMBER fills it, as mail and as a text message; nothing
    is sent, and the tracking code stays hidden."""
    from app import clock_now
    from app.services.sending import letter_previews, letters

    with application():
        texts = {k: v for k, v in letters.find(key).items() if language in (None, k)}
        found = letter_previews.of_request(key, texts, number, acting(login), clock_now())
        for one, made in sorted(found.items()):
            click.echo(f"# {letters.name_of(key, one)}")
            _tell(made)


def _tell(made: Preview) -> None:
    if made.wrong or made.sms is None:
        click.echo(made.wrong)
        return
    for name in made.missing:
        click.echo(f"! {name} is not known to this request now")
    click.echo(f"Subject: {made.subject}\n\n{made.body}")
    click.echo(f"SMS, parts: {made.sms.count}\n{made.sms.text}\n")
