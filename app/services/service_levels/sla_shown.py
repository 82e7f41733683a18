"""What the fields of an editing page show for the text of a setting."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from app.services.service_levels.sla_settings import Kind

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def flatten(kind: Kind, source: str) -> dict[str, str]:
    """What each field shows for a text that can be read; the opposite of :func:`apply`."""
    top = tomllib.loads(source)
    names = top.get("names", {})
    typed = {"names.fa": str(names.get("fa", "")), "names.en": str(names.get("en", ""))}
    return typed | _FLATTEN[kind](top)


def _flat_calendar(top: dict[str, Any]) -> dict[str, str]:
    week, holidays = top.get("week", {}), top.get("holidays", {})
    typed = {f"week.{day}": _joined(week.get(day, [])) for day in WEEKDAYS}
    typed |= {key: str(holidays.get(key, "")) for key in ("country", "subdivision")}
    typed |= {key: _lined(map(str, holidays.get(key, []))) for key in ("add", "remove")}
    typed |= {key: _lined(map(_told, top.get(key, []))) for key in ("closures", "openings")}
    return typed | {"time_zone": str(top.get("time_zone", ""))}


def _told(one: Any) -> str:
    if not isinstance(one, dict):
        return str(one)
    names = one.get("names", {})
    said = (str(names[key]).replace("|", "\\|") for key in ("fa", "en") if key in names)
    return " | ".join([str(one.get("when", "")), *said])


def _flat_policy(top: dict[str, Any]) -> dict[str, str]:
    typed = {"calendar": str(top.get("calendar", ""))}
    for key, metric in top.get("metrics", {}).items():
        typed[f"{key}.ladder"] = str(metric.get("ladder", ""))
        rows = list(_rows(metric))
        typed[f"{key}.rows"] = str(len(rows) + 1)
        for number, row in enumerate(rows):
            typed |= {f"{key}.{number}.{name}": str(value) for name, value in row.items()}
    return typed


def _rows(metric: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    if "target" in metric:
        yield {"target": metric["target"]}
    targets = metric.get("targets", {})
    yield from ({"priority": key, "target": value} for key, value in targets.items())
    yield from metric.get("rules", [])


def _flat_ladder(top: dict[str, Any]) -> dict[str, str]:
    steps = top.get("steps", [])
    typed = {"steps.rows": str(len(steps) + 1)}
    for number, step in enumerate([*steps, {}]):
        prefix, actions = f"steps.{number}.", step.get("actions", [])
        names = step.get("names", {})
        typed |= {f"{prefix}{key}": str(step.get(key, "")) for key in ("key", "at")}
        typed |= {f"{prefix}names.{one}": str(names.get(one, "")) for one in ("fa", "en")}
        typed[f"{prefix}actions.rows"] = str(len(actions) + 1)
        for place, action in enumerate(actions):
            typed |= _flat_action(action, f"{prefix}actions.{place}.")
    return typed


def _flat_action(action: Mapping[str, Any], prefix: str) -> dict[str, str]:
    kind = next((key for key in action if key != "template"), "")
    typed = {f"{prefix}kind": kind, f"{prefix}to": _joined(action.get(kind, ""))}
    return typed | {f"{prefix}template": str(action.get("template", ""))}


_FLATTEN: Mapping[Kind, Callable[[dict[str, Any]], dict[str, str]]] = {
    "calendar": _flat_calendar, "policy": _flat_policy, "ladder": _flat_ladder,
}  # fmt: skip


def _joined(values: Any) -> str:
    return values if isinstance(values, str) else ", ".join(map(str, values))


def _lined(values: Iterable[str]) -> str:
    return "\n".join(values)
