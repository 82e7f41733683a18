"""Whether promises can ever be due: by a calendar that opens, within a length that it holds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

import sla

AHEAD = timedelta(days=366)
"""Within this time a calendar has to open."""
YEARS = 20
"""Within so many years a promise has to be due."""


class Wrong(NamedTuple):
    """What is wrong at which key of a file, in both languages."""

    key: str
    en: str
    fa: str


Calendars = Callable[[str], sla.Calendar]


def of_calendar(
    calendar: sla.Calendar, policies: Iterable[sla.Policy], now: datetime
) -> Iterator[Wrong]:
    """What a calendar makes impossible: to work at all, or to keep a promise of these policies.

    One that opens later than in a year is left alone where it has seasons, whose gap it may be.
    """
    opening = _opening(calendar, now)
    if opening is None or (opening > now + AHEAD and not calendar.seasons):
        yield Wrong(
            "week",
            "it is never open within a year from now",
            "از اکنون تا یک سال هیچ‌گاه باز نیست",
        )
        return
    for policy in policies:
        for metric, rule in _rules(policy):
            if (rule.calendar or policy.calendar) != calendar.key:
                continue
            if not _is_due(calendar, now, rule.target):
                named = f"{policy.key}.{metric.key}"
                yield Wrong(
                    "week",
                    f"{named} ({_hours(rule)} hours) would not be due within {YEARS} years",
                    f"{named} ({_hours(rule)} ساعت) تا {YEARS} سال هم به سررسید نمی‌رسد",
                )


def of_policy(policy: sla.Policy, calendar: Calendars, now: datetime) -> Iterator[Wrong]:
    """The targets that are not due in any useful time by their calendars, which are known."""
    for metric, rule in _rules(policy):
        key = rule.calendar or policy.calendar
        if not _is_due(calendar(key), now, rule.target):
            yield Wrong(
                f"metrics.{metric.key}.{rule.place}",
                f"by calendar {key} it would not be due within {YEARS} years",
                f"با تقویم {key} تا {YEARS} سال هم به سررسید نمی‌رسد",
            )


def _rules(policy: sla.Policy) -> Iterator[tuple[sla.Metric, sla.Rule]]:
    for metric in policy.metrics.values():
        places = set()
        for rule in metric.rules:
            if rule.place not in places:
                places.add(rule.place)
                yield metric, rule


def _opening(calendar: sla.Calendar, now: datetime) -> datetime | None:
    if not (any(calendar.week) or calendar.openings or any(any(s.week) for s in calendar.seasons)):
        return None
    try:
        return sla.next_opening(calendar, now)
    except sla.NoWorkingTime:
        return None


def _is_due(calendar: sla.Calendar, now: datetime, target: timedelta) -> bool:
    try:
        return sla.add_working_time(calendar, now, target) <= now + YEARS * AHEAD
    except sla.NoWorkingTime:
        return False


def _hours(rule: sla.Rule) -> int:
    return -(-rule.target // timedelta(hours=1))
