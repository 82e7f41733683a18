"""Process files on the command line: findings as ``file:line element message``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import click

Sources = Sequence[tuple[Path, bytes]]


def read_files(paths: Iterable[Path]) -> Sources:
    """The bytes of each file; decision tables first, since diagrams name them."""
    ordered = sorted(paths, key=lambda path: path.suffix != ".dmn")
    return [(path, path.read_bytes()) for path in ordered]


def print_findings(sources: Sources) -> int:
    """Checks each file by itself and prints what was found; the exit code."""
    refused = False
    for path, source in sources:
        findings, bad = _check(path, source)
        _print(path, findings)
        refused = refused or bad
        if not findings:
            click.echo(f"{path}: right")
    return int(refused)


def deploy_files(sources: Sources, tag: str | None = None) -> int:
    """Deploys all files in one transaction, or none; prints findings; the exit code."""
    from app import clock_now
    from app.access import SYSTEM
    from app.db import transaction
    from app.errors import DeploymentRefused
    from app.services import definitions

    files = [(path.name, source) for path, source in sources]
    try:
        with transaction():
            rows = definitions.deploy_together(files, SYSTEM, clock_now(), tag=tag)
    except DeploymentRefused as refusal:
        for path, _ in sources:
            _print(path, (one for one in refusal.findings if one.file == path.name))
        click.echo("Nothing was deployed.", err=True)
        return 1
    for row in rows:
        tags = f", tag {', '.join(row.version_tags)}," if row.version_tags else ""
        click.echo(f"{row.key} version {row.version}{tags} is deployed.")
    return 0


def _check(path: Path, source: bytes) -> tuple[Sequence[Any], bool]:
    import bpmn

    try:
        if path.suffix == ".dmn":
            return bpmn.parse_decision(source, path.name).warnings, False
        return bpmn.parse(source, path.name).warnings, False
    except bpmn.Refused as refusal:
        return refusal.findings, True


def _print(path: Path, findings: Iterable[Any]) -> None:
    for finding in findings:
        message = finding.message.get("en") or next(iter(finding.message.values()))
        mark = "" if finding.severity == "error" else f"{finding.severity}: "
        click.echo(f"{path}:{finding.line} {finding.element} {mark}{message}")
