"""What a policy may name: moments that happen to a request, and states that hold for a while."""

from __future__ import annotations

import re
from collections.abc import Callable

from sla.strict import Table, Wrong

_ID = r"[A-Za-z_][\w.-]*"
_EVENT = rf"(?:left|entered|message):{_ID}|told:customer"
_STATE = rf"waits:(?:customer|partner|suspended)|status:(?:open|waiting|closed)|stage:{_ID}"
_ANY_MOMENT = re.compile(rf"submitted|closed|reopened|{_EVENT}|stage:{_ID}|status:{_ID}", re.ASCII)
_PAUSING_MOMENT = re.compile(_EVENT, re.ASCII)
_HOLDING = re.compile(_STATE, re.ASCII)
_STATUS = re.compile(r"status:(?:open|waiting|closed)")

MOMENTS = (
    "submitted, closed, reopened, entered:<element>, left:<element>, stage:<key>, "
    "status:<open|waiting|closed>, message:<name>, told:customer"
)
"""All kinds of moments, as a refusal lists them."""

STATES = "waits:<customer|partner|suspended>, status:<open|waiting|closed>, stage:<key>"
"""All kinds of states, as a refusal lists them."""


def read_moments(table: Table, key: str, *, optional: bool = False) -> tuple[str, ...]:
    """Read moments, one or a list; at least one unless ``optional``."""
    found = table.read(key, table.texts(key, optional=optional), _moment)
    if not found and not optional:
        table.tell(key, "must name a moment", "باید دست‌کم یک زمان را نام ببرد")
    return found


def read_pauses(table: Table, key: str) -> tuple[str, ...]:
    """Read what lets a clock stand: states, and moments from which on it stands; may be none."""
    return table.read(key, table.texts(key, optional=True), _pause)


def is_state(condition: str) -> bool:
    """Tell whether a clock stands while this holds, rather than from this moment on."""
    return bool(_HOLDING.fullmatch(condition))


def _moment(text: str) -> str:
    strange_status = text.startswith("status:") and not _STATUS.fullmatch(text)
    return _known(text, MOMENTS, lambda: _ANY_MOMENT.fullmatch(text) and not strange_status)


def _pause(text: str) -> str:
    known = f"{STATES}, entered:<element>, left:<element>, message:<name>, told:customer"
    return _known(text, known, lambda: is_state(text) or _PAUSING_MOMENT.fullmatch(text))


def _known(text: str, known: str, is_known: Callable[[], object]) -> str:
    if not is_known():
        raise Wrong(
            f"{text[:60]!r} is none of {known}", f"{text[:60]!r} هیچ‌یک از این‌ها نیست: {known}"
        )
    return text
