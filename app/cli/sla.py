"""``peygir sla``: calendars, policies and ladders, and the story of a request's promises."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from app.cli.edge import application, explained
from app.cli.wording import RIGHT, SEVERITIES, printable

if TYPE_CHECKING:
    from app.services.service_levels.sla_findings import Finding, Judged

LANGUAGE = click.option(
    "--language", type=click.Choice(["en", "fa"]), default="en", show_default=True
)
KIND = click.argument("kind", type=click.Choice(["calendar", "policy", "ladder"]))


@click.group()
def sla() -> None:
    """Service levels: calendars, policies, escalation ladders, and how promises came about."""


@sla.command("list")
@explained
def list_all() -> None:
    """Print the settings in force: kind, key, version, since when, by whom, why."""
    from app.services.service_levels import sla_pages

    with application():
        for one in sla_pages.newest():
            by = "shipped" if one.row.shipped else (one.by or {}).get("en", "-")
            at = one.row.at.isoformat(timespec="minutes")
            name = f"{one.row.kind:<9}{one.row.key:<20}{one.row.version:>4}  {at}  {by}"
            click.echo(f"{name}  {one.row.note}".rstrip())


@sla.command()
@KIND
@click.argument("key")
@explained
def show(kind: str, key: str) -> None:
    """Print the text of a setting: `show calendar iran`, or of one version: `iran@2`."""
    from app.services.service_levels import sla_pages

    with application():
        click.echo(sla_pages.find(kind, key).row.source, nl=False)


@sla.command()
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option("--format", "style", type=click.Choice(["text", "json"]), default="text")
@LANGUAGE
@explained
def check(files: tuple[Path, ...], style: str, language: str) -> None:
    """Print what is wrong in .toml files of calendars, policies and ladders, without a database.

    What they name of each other, of services and of their processes is looked for among them and
    what is shipped. The exit code is 1 when one of them could not be used; warnings alone give 0.
    """
    from app.services.service_levels.sla_findings import judge

    judged = [(path, judge(path.read_bytes(), file=path.name)) for path in dict.fromkeys(files)]
    click.echo(printable(_STYLES[style](judged, language)))
    sys.exit(int(any(one.errors for _, one in judged)))


@sla.command()
@click.argument("number")
@LANGUAGE
@explained
def explain(number: str, language: str) -> None:
    """Print the whole story of every promise of the request NUMBER in words."""
    from app.cli.told_promises import explained_request

    with application():
        click.echo(printable(explained_request(number, language)))


def _text(judged: Sequence[tuple[Path, Judged]], language: str) -> str:
    lines = [_line(path, finding, language) for path, one in judged for finding in one.findings]
    lines += [f"{path}: {RIGHT[language]}" for path, one in judged if not one.findings]
    strange = sorted(_strange([one for _, one in judged]))
    if strange:
        lines.append(_NOT_LOOKED_AT[language].format(names=", ".join(strange)))
    return "\n".join(lines)


def _line(path: Path, one: Finding, language: str) -> str:
    where = f"{path}:{one.line} {one.key}".rstrip()
    return f"{where} {SEVERITIES[language][one.severity]} {one.messages[language]}"


_NOT_LOOKED_AT = {
    "en": "Not looked at, since an installation may have them: {names}",
    "fa": "بررسی نشد، چون شاید در نصب شما باشند: {names}",
}


def _strange(judged: Sequence[Judged]) -> set[str]:
    """What the files name and is neither among them nor shipped."""
    import sla as room

    found = [one.found for one in judged]
    known = {f"calendar {one.key}" for one in found if isinstance(one, room.Calendar)}
    known |= {f"ladder {one.key}" for one in found if isinstance(one, room.Ladder)}
    known |= {f"calendar {key}" for key in room.calendars()}
    known |= {f"ladder {key}" for key in room.ladders()}
    named = set()
    for one in found:
        if isinstance(one, room.Policy):
            named |= {f"calendar {key}" for key in one.calendars()}
            named |= {f"ladder {key}" for key in one.ladders()}
    return named - known


def _json(judged: Sequence[tuple[Path, Judged]], language: str) -> str:
    told = [
        {
            "file": str(path),
            "line": one.line,
            "key": one.key,
            "severity": one.severity,
            "message": one.messages[language],
        }
        for path, each in judged
        for one in each.findings
    ]
    strange = sorted(_strange([one for _, one in judged]))
    whole = {"files": [str(path) for path, _ in judged], "findings": told, "unchecked": strange}
    return json.dumps(whole, ensure_ascii=False, indent=2)


_STYLES = {"text": _text, "json": _json}
