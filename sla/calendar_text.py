"""Writing a calendar as a file that reads back equal, so that it may be edited by fields."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import tomli_w

from sla.calendar_files import WEEKDAYS
from sla.calendar_model import Calendar, Stretch
from sla.calendar_words import write_month_day, write_range, write_shift, write_stretch
from sla.seasons import DateRange, IslamicMonth, MonthDay, Season, Week, YearlyRange


def dump_calendar(calendar: Calendar) -> str:
    """Return the TOML of the calendar; ``load_calendar`` makes an equal one of it."""
    top: dict[str, Any] = {
        "key": calendar.key,
        "time_zone": calendar.zone.key,
        "names": _names(calendar.names),
        "week": _week(calendar.week),
        "holidays": _holidays(calendar),
        "closures": _stretches(calendar.closures, calendar.zone),
        "openings": _stretches(calendar.openings, calendar.zone),
        "seasons": [_season(season) for season in calendar.seasons],
    }
    return tomli_w.dumps(_without_empty(top))


def _week(week: Week) -> dict[str, list[str]]:
    named = zip(WEEKDAYS, week, strict=True)
    return {name: [write_shift(shift) for shift in shifts] for name, shifts in named}


def _holidays(calendar: Calendar) -> dict[str, Any]:
    country = calendar.country
    of_country: dict[str, Any] = {}
    if country:
        of_country = {
            "country": country.code,
            "subdivision": country.subdivision,
            "categories": list(country.categories),
            "persian_names": dict(country.persian),
        }
    return _without_empty(
        {
            "solar": _month_days(calendar.solar_holidays),
            "yearly": _month_days(calendar.yearly_holidays),
            "add": _dates(calendar.added),
            "remove": _dates(calendar.removed),
            "known_until": calendar.known_until,
            "checked_until": calendar.checked_until,
            **of_country,
        }
    )


def _stretches(stretches: Iterable[Stretch], zone: ZoneInfo) -> list[dict[str, Any]]:
    return [
        _without_empty(
            {"when": write_stretch(each.start, each.end, zone), "names": _names(each.names)}
        )
        for each in stretches
    ]


def _season(season: Season) -> dict[str, Any]:
    named = {"names": _names(season.names), **_season_days(season.days)}
    return _without_empty(named) | {"week": _week(season.week)}


def _season_days(days: DateRange | YearlyRange | IslamicMonth) -> dict[str, Any]:
    if isinstance(days, DateRange):
        return {"from": days.first, "to": days.last}
    if isinstance(days, IslamicMonth):
        known = [write_range(each) for each in days.known]
        return {"islamic_month": days.month, "shift_days": days.shift_days, "known": known}
    prefix = "jalali_" if days.reckoning == "jalali" else ""
    first, last = write_month_day(days.first), write_month_day(days.last)
    return {f"{prefix}from": first, f"{prefix}to": last}


def _names(names: Mapping[str, str] | None) -> dict[str, str] | None:
    return {language: names[language] for language in ("fa", "en")} if names else None


def _month_days(days: Iterable[MonthDay]) -> list[str]:
    return [write_month_day(day) for day in sorted(days)]


def _dates(days: Iterable[date]) -> list[date]:
    return sorted(days)


def _without_empty(table: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out what says nothing; the week and a shift of no days stay."""
    return {key: value for key, value in table.items() if value not in (None, "", [], {})}
