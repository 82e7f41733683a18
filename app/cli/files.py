"""Process files on the command line: findings as ``file:line element message``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import click

from app.cli.linting import tell
from app.cli.wording import printable

Sources = Sequence[tuple[Path, bytes]]


def read_files(paths: Iterable[Path]) -> Sources:
    """The bytes of each file; decision tables first, since diagrams name them."""
    from bpmn.files import read_file

    ordered = sorted(paths, key=lambda path: path.suffix != ".dmn")
    try:
        return [(path, read_file(path)) for path in ordered]
    except OSError as error:
        why = f"{error.filename}: {error.strerror}"
        raise click.ClickException(printable(why)) from error


def deploy_files(sources: Sources, tag: str | None = None) -> int:
    """Deploys all files in one transaction, or none; prints all findings; the exit code."""
    from app import clock_now
    from app.access import SYSTEM
    from app.db import transaction
    from app.errors import DeploymentRefused
    from app.services.deployment import definitions

    files = [(printable(path.name), source) for path, source in sources]
    try:
        with transaction():
            rows = definitions.deploy_together(files, SYSTEM, clock_now(), tag=tag)
            warnings = {row.id: definitions.warnings_of(row) for row in rows}
    except DeploymentRefused as refusal:
        for path, _ in sources:
            _print(
                path, (one for one in refusal.findings if one.file in ("", printable(path.name)))
            )
        click.echo("Nothing was deployed.", err=True)
        return 1
    for (path, _), row in zip(sources, rows, strict=True):
        _print(path, warnings[row.id])
        tags = f", tag {', '.join(row.version_tags)}," if row.version_tags else ""
        click.echo(f"{row.key} version {row.version}{tags} is deployed.")
    return 0


def _print(path: Path, findings: Iterable[Any]) -> None:
    for finding in findings:
        click.echo(printable(tell(finding, str(path), "en")))
