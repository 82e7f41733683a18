"""What comes with the product: groups that the diagrams name, decision tables and processes."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import bpmn
from app.access import SYSTEM
from app.models import ProcessDefinition
from app.services import definitions, people

DIAGRAMS = Path(bpmn.__file__).parent / "diagrams"

GROUPS = {
    "intake": {"fa": "پذیرش", "en": "Intake"},
    "complaints": {"fa": "رسیدگی به شکایت", "en": "Complaints handling"},
    "quality": {"fa": "کیفیت", "en": "Quality"},
    "managers": {"fa": "مدیران", "en": "Managers"},
}


def install(now: datetime) -> list[ProcessDefinition]:
    """Deploy every shipped file whose content is new; tables first, since diagrams name them.

    Runs at every start: a file that is deployed already stays as it is, so running
    instances keep their versions and an upgrade brings the new ones. What the organisation
    has replaced by a version of its own is left alone.
    """
    for key, names in GROUPS.items():
        people.ensure_group(key, names)
    files = [*sorted(DIAGRAMS.glob("*.dmn")), *sorted(DIAGRAMS.glob("*.bpmn"))]
    return [row for path in files if (row := _install(path, now)) is not None]


def _install(path: Path, now: datetime) -> ProcessDefinition | None:
    source = path.read_bytes()
    row = definitions.read(path.name, source)
    newest = definitions.newest_of(row.kind, row.key)
    if newest is not None and not newest.shipped:
        return None
    return definitions.deploy(path.name, source, SYSTEM, now, shipped=True)
