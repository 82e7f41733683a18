"""Editing settings by fields: what is typed in each is put into the text of the file.

What no field holds (seasons, conditions) stays as the text says it. Remarks in the text are lost,
since the file is written anew.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import tomli_w

import sla
from app.services.sla_settings import Kind

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MOST_ROWS = 300
Typed = Mapping[str, str]


def apply(kind: Kind, source: str, typed: Typed) -> str:
    """The text of the file with what was typed; raises TOMLDecodeError for a text that is none."""
    top = tomllib.loads(source)
    if "names.fa" in typed:
        top["names"] = {"fa": typed["names.fa"].strip(), "en": typed.get("names.en", "").strip()}
    _APPLY[kind](top, typed)
    return tomli_w.dumps(top)


def _calendar(top: dict[str, Any], typed: Typed) -> None:
    top["time_zone"] = typed.get("time_zone", "").strip()
    top["week"] = {day: _list(typed.get(f"week.{day}", "")) for day in WEEKDAYS}
    holidays = top.setdefault("holidays", {})
    for key in ("country", "subdivision"):
        _put(holidays, key, typed.get(key, "").strip())
    for key in ("add", "remove"):
        _put(holidays, key, [_day(one) for one in _lines(typed.get(key, ""))])
    for key in ("closures", "openings"):
        _put(top, key, [_stretch(one) for one in _lines(typed.get(key, ""))])
    _put(top, "holidays", holidays)


def _policy(top: dict[str, Any], typed: Typed) -> None:
    top["calendar"] = typed.get("calendar", "").strip()
    for key, metric in top.get("metrics", {}).items():
        rows = [_rule(typed, f"{key}.{number}.") for number in range(count(typed, f"{key}.rows"))]
        kept = [row for row in rows if row["target"]]
        metric.pop("targets", None)
        plain = [row for row in kept if set(row) == {"target"}]
        _put(metric, "target", plain[0]["target"] if plain else "")
        _put(metric, "rules", [row for row in kept if row not in plain[:1]])
        _put(metric, "ladder", typed.get(f"{key}.ladder", "").strip())


def _rule(typed: Typed, prefix: str) -> dict[str, str]:
    row = {name: typed.get(prefix + name, "").strip() for name in (*sla.FACTS, "calendar")}
    given = {name: value for name, value in row.items() if value}
    return {**given, "target": typed.get(f"{prefix}target", "").strip()}


def _ladder(top: dict[str, Any], typed: Typed) -> None:
    steps = [_step(typed, f"steps.{number}.") for number in range(count(typed, "steps.rows"))]
    top["steps"] = [step for step in steps if step["key"]]


def _step(typed: Typed, prefix: str) -> dict[str, Any]:
    actions = [
        _action(typed, f"{prefix}actions.{number}.")
        for number in range(count(typed, f"{prefix}actions.rows"))
    ]
    names = {one: typed.get(f"{prefix}names.{one}", "").strip() for one in ("fa", "en")}
    return {
        "key": typed.get(f"{prefix}key", "").strip(),
        "at": typed.get(f"{prefix}at", "").strip(),
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


_APPLY: Mapping[Kind, Callable[[dict[str, Any], Typed], None]] = {
    "calendar": _calendar, "policy": _policy, "ladder": _ladder,
}  # fmt: skip


def renamed(source: str, key: str) -> str:
    """The same text under another key."""
    return tomli_w.dumps({**tomllib.loads(source), "key": key})


def add_closures(source: str, closures: Iterable[sla.Closure], calendar: sla.Calendar) -> str:
    """The calendar's text with these closures besides its own, those of an imported feed."""
    known = {(one.start, one.end) for one in calendar.closures}
    fresh = [one for one in closures if (one.start, one.end) not in known]
    top = tomllib.loads(source)
    dumped = tomllib.loads(sla.dump_calendar(_with(calendar, fresh)))
    top["closures"] = [*top.get("closures", []), *dumped.get("closures", [])]
    return tomli_w.dumps(top)


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


def _day(text: str) -> Any:
    """A date as TOML has it; what is none stays a text, which is refused by its key."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return text


def _stretch(line: str) -> dict[str, Any]:
    """``2026-12-24 from 12:00 | نام | name``; both names or none."""
    when, *names = (part.strip() for part in line.split("|"))
    told: dict[str, Any] = {"when": when}
    if any(names):
        told["names"] = dict(zip(("fa", "en"), [*names, "", ""][:2], strict=True))
    return told


def count(typed: Typed, key: str) -> int:
    """How many rows were sent under that key; never more than a page can show."""
    text = typed.get(key, "0")
    return min(int(text), MOST_ROWS) if text.isascii() and text.isdecimal() else 0
