"""What comes with the product: groups that the diagrams name, decision tables and processes."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import bpmn
from app.access import SYSTEM
from app.models import ProcessDefinition
from app.services.accounts import people
from app.services.deployment import definitions
from app.services.service_levels import sla_writing

DIAGRAMS = Path(bpmn.__file__).parent / "diagrams"

GROUPS = {
    "intake": {"fa": "پذیرش", "en": "Intake"},
    "complaints": {"fa": "رسیدگی به شکایت", "en": "Complaints handling"},
    "quality": {"fa": "کیفیت", "en": "Quality"},
    "managers": {"fa": "مدیران", "en": "Managers"},
    "directors": {"fa": "مدیریت ارشد", "en": "Directors"},
    "servicedesk": {"fa": "میز خدمت", "en": "Service desk"},
    "infrastructure": {"fa": "زیرساخت", "en": "Infrastructure"},
    "applications": {"fa": "نرم‌افزار", "en": "Applications"},
    "fulfilment": {"fa": "انجام درخواست", "en": "Fulfilment"},
    "purchasing": {"fa": "خرید", "en": "Purchasing"},
}


def install(now: datetime) -> list[ProcessDefinition]:
    """Deploy every shipped file whose content is new; tables first, since diagrams name them.

    Runs at every start: a file that is deployed already stays as it is, so running
    instances keep their versions and an upgrade brings the new ones. What the organisation
    has replaced by a version of its own is left alone, but for start events that an older
    release could not hear.
    """
    for key, names in GROUPS.items():
        people.ensure_group(key, names)
    # Diagrams with timers count working time as soon as they are deployed.
    sla_writing.install(now)
    files = [*sorted(DIAGRAMS.glob("*.dmn")), *sorted(DIAGRAMS.glob("*.bpmn"))]
    read = [(path.name, path.read_bytes()) for path in files]
    ours = [pair for pair, row in zip(read, definitions.read_together(read), strict=True)
            if not _is_replaced(row)]  # fmt: skip
    deployed = definitions.deploy_together(ours, SYSTEM, now, shipped=True)
    definitions.arm_missing_starts(now)
    return deployed


def _is_replaced(row: ProcessDefinition) -> bool:
    newest = definitions.newest_of(row.kind, row.key)
    return newest is not None and not newest.shipped
