"""Ladders as files: ``sla/ladders/<key>.toml``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import get_args

from sla.duration import parse_duration
from sla.ladder import BROKEN, Action, ActionKind, Ladder, LadderStep
from sla.rules import PRIORITIES
from sla.strict import AllWrong, Table, Wrong, open_table

FOLDER = Path(__file__).with_name("ladders")
ONE_MORE = "+1"

_SHARE = re.compile(r"(\d{1,3})%")
_RECIPIENT = re.compile(r"assignee|group|manager|customer|group:[a-z][\w.-]{0,79}", re.ASCII)
_HOLDER = re.compile(r"(?:group|user):[A-Za-z][\w.@-]{0,79}", re.ASCII)
_NAME = re.compile(r"\S(?:.{0,198}\S)?")
_MOST_STEPS = 50
_MOST_ACTIONS = 20


@cache
def ladders() -> Mapping[str, Ladder]:
    """Return the shipped ladders by key, read once."""
    read = [load_ladder(file.read_bytes(), file.name) for file in sorted(FOLDER.glob("*.toml"))]
    return {ladder.key: ladder for ladder in read}


def load_ladder(source: bytes, file: str, told: AllWrong | None = None) -> Ladder:
    """Read one ladder; raises ``SettingsRefused`` with file, key and what is wrong. All that is
    wrong is noted in ``told``."""
    return open_table(source, file, told).whole(_ladder)


def _ladder(top: Table) -> Ladder:
    return Ladder(top.key(), top.names("names"), _steps(top))


def _steps(top: Table) -> tuple[LadderStep, ...]:
    tables = top.tables("steps")
    if not 1 <= len(tables) <= _MOST_STEPS:
        top.tell("steps", f"must be 1 to {_MOST_STEPS}", f"باید ۱ تا {_MOST_STEPS} تا باشد")
        return ()
    read = [(table, table.part(_step)) for table in tables]
    steps = [(table, step) for table, step in read if step is not None]
    keys = [step.key for _, step in steps]
    for table, step in steps:
        if step.key == BROKEN or keys.count(step.key) > 1:
            table.tell("key", f"{step.key} is taken", f"{step.key} پیش‌تر به کار رفته است")
    return tuple(step for _, step in steps)


def _step(table: Table) -> LadderStep:
    at = table.take("at", str)
    place = table.read("at", [at], _place)
    key, names, actions = table.key(), table.names("names"), _actions(table)
    table.finish()
    return LadderStep(key, at, names, actions, *place[0])


def _place(text: str) -> tuple[float, timedelta]:
    """Read ``75%`` of the promise, or a working time before (``-``) or after (``+``) its end."""
    share = _SHARE.fullmatch(text)
    if share and int(share[1]):
        return int(share[1]) / 100, timedelta(0)
    if text[:1] in {"+", "-"}:
        length = parse_duration(text[1:])
        return 1.0, length if text[0] == "+" else -length
    raise Wrong(
        f"{text[:40]!r} is not a place such as 75%, -PT2H or +P1D",
        f"{text[:40]!r} جایی مانند 75% یا -PT2H یا +P1D نیست",
    )


def _actions(table: Table) -> tuple[Action, ...]:
    tables = table.tables("actions")
    if not 1 <= len(tables) <= _MOST_ACTIONS:
        en, fa = f"must be 1 to {_MOST_ACTIONS}", f"باید ۱ تا {_MOST_ACTIONS} تا باشد"
        table.tell("actions", en, fa)
    read = (one.part(_action) for one in tables)
    return tuple(one for one in read if one is not None)


def _action(table: Table) -> Action:
    found = [kind for kind in get_args(ActionKind) if kind in table.unread()]
    if len(found) != 1:
        known = ", ".join(get_args(ActionKind))
        raise table.refuse(
            "", f"must have one of {known}", f"باید یکی از این‌ها را داشته باشد: {known}"
        )
    kind: ActionKind = found[0]
    to = table.read(kind, table.texts(kind), _READ[kind])
    if not to or (kind != "notify" and len(to) > 1):
        table.tell(kind, "must name one", "باید یکی را نام ببرد")
    template = table.take("template", str) if kind == "notify" else ""
    table.finish()
    return Action(kind, to, template)


def _none_of(text: str, known: str) -> Wrong:
    fa = f"{text[:60]!r} هیچ‌یک از این‌ها نیست: {known}"
    return Wrong(f"{text[:60]!r} is none of {known}", fa)


def _recipient(text: str) -> str:
    if not _RECIPIENT.fullmatch(text):
        known = "assignee, group, manager, customer, group:<key>"
        raise _none_of(text, known)
    return text


def _priority(text: str) -> str:
    if text != ONE_MORE and text not in PRIORITIES:
        raise _none_of(text, ", ".join((ONE_MORE, *PRIORITIES)))
    return text


def _holder(text: str) -> str:
    if not _HOLDER.fullmatch(text):
        raise Wrong(
            f"{text[:60]!r} is neither group:<key> nor user:<login>",
            f"{text[:60]!r} نه group:<key> است و نه user:<login>",
        )
    return text


def _name(text: str) -> str:
    if not _NAME.fullmatch(text):
        raise Wrong(f"{text[:60]!r} is not a name", f"{text[:60]!r} نام نیست")
    return text


_READ = {
    "notify": _recipient,
    "raise_priority": _priority,
    "reassign": _holder,
    "signal": _name,
    "message": _name,
    "start_process": _name,
}
