"""``peygir catalogue``: what is wrong in files of the service catalogue."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

import sla
from app.services.casework import catalogue_files


def check_files(files: Sequence[Path], language: str) -> int:
    """Print of each file that it is right, or the key that is wrong and why; the exit code."""
    right = [_is_right(file, language) for file in files]
    return int(not all(right))


def _is_right(file: Path, language: str) -> bool:
    in_groups = file.parent.name == "groups"
    load = catalogue_files.load_category if in_groups else catalogue_files.load_service
    try:
        load(file.read_bytes(), file.name)
    except sla.SettingsRefused as error:
        where = ": ".join(filter(None, (str(file), error.key)))
        click.echo(f"{where}: {error.messages[language]}")
        return False
    click.echo(f"{file}: {_RIGHT[language]}")
    return True


_RIGHT = {"en": "right", "fa": "درست است"}
