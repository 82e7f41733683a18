"""Editing settings by fields: what is typed in each is put into the text of the file.

What no field holds (seasons, conditions, remarks) and what was not changed stays as the text
says it.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

import sla
from app.services.service_levels import sla_typed
from app.services.service_levels.sla_patch import patched
from app.services.service_levels.sla_settings import Kind
from app.services.service_levels.sla_shown import WEEKDAYS, flatten

MOST_ROWS = 300
Typed = Mapping[str, str]


def apply(kind: Kind, source: str, typed: Typed) -> str:
    """The text of the file with what was typed; raises TOMLDecodeError for a text that is none.

    What a field shows still stays as it is written, remarks and all.
    """
    top, shown = tomllib.loads(source), flatten(kind, source)
    for language in ("fa", "en"):
        key = f"names.{language}"
        if key in typed and typed[key].strip() != shown[key]:
            top.setdefault("names", {})[language] = typed[key].strip()
    _APPLY[kind](top, typed, shown)
    return patched(source, top)


def _is_new(typed: Typed, shown: Typed, key: str) -> bool:
    """Whether something else was typed than the field had shown."""
    return _plain(typed.get(key, "")) != _plain(shown.get(key, ""))


def _plain(text: str) -> str:
    return "\n".join(_lines(text))


def _calendar(top: dict[str, Any], typed: Typed, shown: Typed) -> None:
    if _is_new(typed, shown, "time_zone"):
        top["time_zone"] = typed.get("time_zone", "").strip()
    week = top.setdefault("week", {})
    for one in (one for one in WEEKDAYS if _is_new(typed, shown, f"week.{one}")):
        week[one] = [sla_typed.hours(part) for part in _list(typed.get(f"week.{one}", ""))]
    _holidays(top, typed, shown)
    for key in ("closures", "openings"):
        if _is_new(typed, shown, key):
            _put(top, key, [_stretch(one) for one in _lines(typed.get(key, ""))])


def _holidays(top: dict[str, Any], typed: Typed, shown: Typed) -> None:
    holidays = top.setdefault("holidays", {})
    for key in ("country", "subdivision"):
        if _is_new(typed, shown, key):
            _put(holidays, key, typed.get(key, "").strip().upper())
    for key in ("add", "remove"):
        if _is_new(typed, shown, key):
            _put(holidays, key, [sla_typed.day(one) for one in _lines(typed.get(key, ""))])
    _put(top, "holidays", holidays)


def _policy(top: dict[str, Any], typed: Typed, shown: Typed) -> None:
    if _is_new(typed, shown, "calendar"):
        top["calendar"] = typed.get("calendar", "").strip()
    for key, metric in top.get("metrics", {}).items():
        if _is_new(typed, shown, f"{key}.ladder"):
            _put(metric, "ladder", typed.get(f"{key}.ladder", "").strip())
        rows, before = _rules(typed, key), _rules(shown, key)
        if rows != before:
            _put_rules(metric, rows)


def _rules(typed: Typed, key: str) -> list[dict[str, str]]:
    rows = (_rule(typed, f"{key}.{number}.") for number in range(count(typed, f"{key}.rows")))
    return [row for row in rows if row["target"]]


def _rule(typed: Typed, prefix: str) -> dict[str, str]:
    row = {name: typed.get(prefix + name, "").strip() for name in (*sla.FACTS, "calendar")}
    given = {name: value for name, value in row.items() if value}
    return {**given, "target": sla_typed.duration(typed.get(f"{prefix}target", ""))}


def _put_rules(metric: dict[str, Any], rows: list[dict[str, str]]) -> None:
    """The rows as ``target`` (for every request), ``targets`` (one for each priority) and
    ``rules``."""
    plain = [row for row in rows if set(row) == {"target"}][:1]
    alone = {row["priority"]: row for row in rows if set(row) == {"priority", "target"}}
    ranked = [alone[one] for one in sla.PRIORITIES if one in alone]
    ranked = ranked if len(ranked) == len(sla.PRIORITIES) else []
    taken = [*plain, *ranked]
    _put(metric, "target", plain[0]["target"] if plain else "")
    _put(metric, "targets", {row["priority"]: row["target"] for row in ranked})
    _put(metric, "rules", [row for row in rows if not any(row is one for one in taken)])


def _ladder(top: dict[str, Any], typed: Typed, shown: Typed) -> None:
    steps = top.get("steps", [])
    told, before = _steps(typed), _steps(shown)
    kept = [
        steps[number] if number < len(steps) and step == before[number] else step
        for number, step in enumerate(told)
    ]
    top["steps"] = [step for step in kept if step["key"]]


def _steps(typed: Typed) -> list[dict[str, Any]]:
    return [_step(typed, f"steps.{number}.") for number in range(count(typed, "steps.rows"))]


def _step(typed: Typed, prefix: str) -> dict[str, Any]:
    actions = [
        _action(typed, f"{prefix}actions.{number}.")
        for number in range(count(typed, f"{prefix}actions.rows"))
    ]
    names = {one: typed.get(f"{prefix}names.{one}", "").strip() for one in ("fa", "en")}
    return {
        "key": typed.get(f"{prefix}key", "").strip(),
        "at": sla_typed.duration(typed.get(f"{prefix}at", "")).replace("٪", "%"),
        "names": names,
        "actions": [one for one in actions if one],
    }


def _action(typed: Typed, prefix: str) -> dict[str, Any]:
    kind = typed.get(f"{prefix}kind", "").strip()
    if not kind:
        return {}
    to = _list(typed.get(f"{prefix}to", ""))
    made: dict[str, Any] = {kind: to[0] if len(to) == 1 else to}
    template = typed.get(f"{prefix}template", "").strip()
    return made | ({"template": template} if kind == "notify" else {})


_APPLY: Mapping[Kind, Callable[[dict[str, Any], Typed, Typed], None]] = {
    "calendar": _calendar, "policy": _policy, "ladder": _ladder,
}  # fmt: skip


def renamed(source: str, key: str) -> str:
    """The same text under another key."""
    return patched(source, {**tomllib.loads(source), "key": key})


def add_closures(source: str, closures: Iterable[sla.Closure], calendar: sla.Calendar) -> str:
    """The calendar's text with these closures besides its own, those of an imported feed."""
    known = {(one.start, one.end) for one in calendar.closures}
    fresh = [one for one in closures if (one.start, one.end) not in known]
    top = tomllib.loads(source)
    dumped = tomllib.loads(sla.dump_calendar(_with(calendar, fresh)))
    top["closures"] = [*top.get("closures", []), *dumped.get("closures", [])]
    return patched(source, top)


def _with(calendar: sla.Calendar, closures: list[sla.Closure]) -> sla.Calendar:
    return replace(calendar, closures=tuple(closures))


def _put(table: dict[str, Any], key: str, value: Any) -> None:
    if value in ("", [], {}):
        table.pop(key, None)
    else:
        table[key] = value


def _list(text: str) -> list[str]:
    return [one.strip() for one in text.replace("،", ",").split(",") if one.strip()]


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _stretch(line: str) -> dict[str, Any] | str:
    """``2026-12-24 from 12:00 | نام | name``; both names or none. A ``|`` of a name is ``\\|``."""
    when, *names = (part.strip().replace("\\|", "|") for part in _BAR.split(line))
    told = sla_typed.stretch(when)
    if not any(names):
        return told
    first, second = [*names, "", ""][:2]
    return {"when": told, "names": {"fa": first or second, "en": second or first}}


_BAR = re.compile(r"(?<!\\)\|")


def count(typed: Typed, key: str) -> int:
    """How many rows were sent under that key; never more than a page can show."""
    text = typed.get(key, "0")
    return min(int(text), MOST_ROWS) if text.isascii() and text.isdecimal() else 0
