"""``peygir`` and its commands; each opens its edge, calls one use case and prints."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from app.cli import parts
from app.cli.agreed import branch, customer
from app.cli.channels import channel
from app.cli.connector import connector
from app.cli.contacts import contact
from app.cli.doubtful import doubtful
from app.cli.edge import application, database, explained, settings_of_part
from app.cli.files import read_files
from app.cli.instances import instance
from app.cli.letters import letter
from app.cli.mailings import mailing
from app.cli.moving import migrate_instances
from app.cli.partner_calls import partner_call
from app.cli.people import user
from app.cli.sla import sla

FILES = click.argument(
    "files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="peygir")
def main() -> None:
    """Peygir runs an organisation's service requests as the processes it draws itself.

    `peygir run` starts everything on this machine. Settings come from the environment
    (PEYGIR_DATA, PEYGIR_DATABASE_URL, PEYGIR_SMTP_URL and others); docs/how-to/operator.md
    lists them.
    """


@main.command()
@click.option("--demo/--no-demo", default=True, help="Load demo data into an empty database.")
@explained
def run(demo: bool) -> None:
    """Start everything: database, web, worker, clock, mail and SMPP. Ctrl-C stops it."""
    from app.cli.running import run_everything

    sys.exit(run_everything(demo))


@main.command()
@explained
def web() -> None:
    """Serve the pages and the API (needs PEYGIR_DATABASE_URL)."""
    sys.exit(parts.web(settings_of_part("web")))


@main.command()
@explained
def worker() -> None:
    """Do the queued jobs: letters, service tasks, due timers (needs PEYGIR_DATABASE_URL)."""
    sys.exit(parts.worker(settings_of_part("worker")))


@main.command()
@explained
def clock() -> None:
    """Turn what has come due into jobs; further clocks stand by (needs PEYGIR_DATABASE_URL)."""
    sys.exit(parts.clock(settings_of_part("clock")))


@main.command()
@explained
def mail() -> None:
    """Receive from the mailboxes; further ones stand by (needs PEYGIR_DATABASE_URL)."""
    sys.exit(parts.mail(settings_of_part("mail")))


@main.command()
@explained
def smpp() -> None:
    """Send and receive text messages over SMPP; further ones stand by (needs
    PEYGIR_DATABASE_URL)."""
    sys.exit(parts.smpp(settings_of_part("smpp")))


@main.command()
@explained
def migrate() -> None:
    """Bring the database to the shape of this release, and deploy the shipped processes."""
    from app.cli.preparing import install_shipped, upgrade

    with database(make=True) as settings:
        upgrade(settings)
    with application() as app:
        install_shipped(app)
    click.echo("The database is up to date.")


@main.command()
@explained
def seed() -> None:
    """Load demo data: people, customers and requests. Does nothing where people exist."""
    from app.cli.preparing import seed_demo

    with application() as app:
        done = seed_demo(app)
        click.echo(done or "There are people already, so nothing was loaded.")


def _tag(text: str | None) -> str | None:
    """A version tag as the table holds it; raises BadParameter for one that is empty."""
    tag = text and text.strip()
    if tag == "":
        raise click.BadParameter("it is empty; leave it out for no tag.", param_hint="--tag")
    if tag and len(tag) > 80:
        raise click.BadParameter("it has more than 80 characters.", param_hint="--tag")
    return tag


@main.command()
@FILES
@click.option("--tag", help="The version tag of all of them, for calls that are bound to it.")
@explained
def deploy(files: tuple[Path, ...], tag: str | None) -> None:
    """Deploy .bpmn and .dmn files, all or none; print every finding of those refused."""
    from app.cli.files import deploy_files

    with application():
        sys.exit(deploy_files(read_files(files), _tag(tag)))


@main.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--format", "style", type=click.Choice(["text", "json", "sarif"]), default="text",
    help="How findings are printed; SARIF is for editors and build servers.",
)  # fmt: skip
@click.option("--language", type=click.Choice(["en", "fa"]), default="en", help="Of the findings.")
@click.option("--strict", is_flag=True, help="Warnings count as errors.")
@explained
def lint(files: tuple[Path, ...], style: str, language: str, strict: bool) -> None:
    """Print what is wrong in .bpmn, .dmn and .form files, without a database.

    By the rules of `peygir deploy`, and with warnings of style. Files given together are looked
    at beside each other: a diagram may name a form or a table that is given, too. Of a folder
    all such files in it are looked at. The exit code is 1 when a file would be refused.
    """
    from app.cli.linting import lint_files

    sys.exit(lint_files(files, style, language, strict))


@main.command(name="test")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("-k", "name", default="", help="Only cases whose name holds this.")
@click.option(
    "--min-coverage", type=click.FloatRange(0, 100), default=0, metavar="N",
    help="Fail when less than N per cent of elements or flows were walked through.",
)  # fmt: skip
@click.option(
    "--format", "style", type=click.Choice(["text", "json", "junit"]), default="text",
    help="How results are printed.",
)  # fmt: skip
@explained
def run_tests(files: tuple[Path, ...], name: str, min_coverage: float, style: str) -> None:
    """Run the test cases beside .bpmn files (or in folders), without a database.

    The cases of complaint.bpmn stand in complaint.test.json; exit code 1 when one fails.
    """
    from app.cli.cases import run_files

    sys.exit(run_files(files, name, min_coverage, style))


@main.command()
@FILES
@click.option("--language", type=click.Choice(["en", "fa"]), default="en", help="Of the findings.")
@explained
def catalogue(files: tuple[Path, ...], language: str) -> None:
    """Print what is wrong in files of the service catalogue, without a database.

    Each file is named with the key that is wrong; the exit code is 1 when one would be refused.
    """
    from app.cli.catalogue import check_files

    sys.exit(check_files(files, language))


@main.command()
@click.argument("name")
@click.option("--variables", default="{}", help="What travels along, as a JSON object.")
@explained
def signal(name: str, variables: str) -> None:
    """Throw the signal NAME: whoever waits for it now hears it, and what it starts begins."""
    from app.cli.signals import throw

    with application():
        click.echo(throw(name, variables))


@main.command()
@click.option("--repair", is_flag=True, help="Tell tables anew that disagree with the engine.")
@explained
def doctor(repair: bool) -> None:
    """Look for what is wrong in this installation; exit code 1 when something is."""
    from app.doctor import examination

    with application(tables=False) as app:
        sys.exit(examination.examine(app, click.echo, repair=repair))


@main.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@explained
def backup(file: Path) -> None:
    """Write the whole database to FILE, while everything goes on."""
    from app.cli.copying import back_up

    with database() as settings:
        back_up(settings, file)
    click.echo(f"The database is in {file}; keep it as private as the database itself.")


@main.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@explained
def restore(file: Path) -> None:
    """Fill an empty database from FILE, which `peygir backup` wrote."""
    from app.cli import copying
    from app.cli.preparing import upgrade

    with database(make=True) as settings:
        copying.restore(settings, file)
        upgrade(settings)
    click.echo(f"The database is as it was in {file}.")


main.add_command(user)
main.add_command(channel)
main.add_command(contact)
main.add_command(partner_call)
main.add_command(doubtful)
main.add_command(letter)
main.add_command(mailing)
main.add_command(instance)
main.add_command(migrate_instances)
main.add_command(sla)
main.add_command(customer)
main.add_command(branch)
main.add_command(connector)
