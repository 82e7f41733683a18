"""The time zones of a feed: by their names, or as the feed itself describes them."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from operator import attrgetter
from typing import Protocol
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sla.ical_lines import Component, Property
from sla.recurrence import Budget, Rule, days_of, last_start, read_rule
from sla.strict import Wrong
from sla.wall_clock import MICROSECOND, instant_of, microseconds

_OFFSET = re.compile(r"([+-])(\d\d)(\d\d)(\d\d)?", re.ASCII)
_MOMENT = re.compile(r"\d{8}T\d{6}Z?", re.ASCII)
_DATE = re.compile(r"\d{8}", re.ASCII)
# Names such as ``localtime`` are the machine's own.
_ZONE = re.compile(r"[A-Z][\w+/-]*", re.ASCII)
_FIRST_YEAR, _LAST_YEAR = 1800, 2200
_MOST_CHANGES = 40
"""Descriptions of summer or winter time in one zone."""


class Zone(Protocol):
    """Tells when its clocks show a time."""

    def instant(self, local: datetime) -> int:
        """Return the instant, in microseconds since 1970."""


@dataclass(frozen=True)
class NamedZone:
    """A zone of the tz database."""

    zone: ZoneInfo

    def instant(self, local: datetime) -> int:
        return instant_of(self.zone, local)


@dataclass(frozen=True)
class Change:
    """When clocks change, and between which offsets."""

    at: datetime
    """By the clocks before the change."""
    before: timedelta
    after: timedelta


@dataclass(frozen=True)
class OwnZone:
    """A zone that a feed describes (``VTIMEZONE``)."""

    changes: tuple[Change, ...]
    """In order; at least one."""

    def instant(self, local: datetime) -> int:
        passed = bisect_right(self.changes, local, key=attrgetter("at"))
        offset = self.changes[passed - 1].after if passed else self.changes[0].before
        return microseconds_shown(local) - offset // MICROSECOND


def microseconds_shown(local: datetime) -> int:
    """Return the shown time as if it were universal time."""
    return microseconds(local.replace(tzinfo=UTC))


UTC = ZoneInfo("UTC")


def find_zone(name: str, own: Mapping[str, Component], last: date, budget: Budget) -> Zone:
    """Return the zone that a ``TZID`` means; raises :class:`Wrong` for one that nobody knows.

    The tz database knows best, also by the names that Windows uses; what the feed describes
    counts only for other names.
    """
    from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

    parts = name.strip("/").split("/")
    tails = ["/".join(parts[i:]) for i in range(min(len(parts), 6))]
    for one in (WINDOWS_TO_OLSON.get(name, ""), *tails):
        if found := _named(one):
            return NamedZone(found)
    if name in own:
        return _described(own[name], last, budget)
    raise Wrong(
        f"the time zone {name[:60]!r} is not known", f"منطقهٔ زمانی {name[:60]!r} شناخته نیست"
    )


def _named(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name) if _ZONE.fullmatch(name) else None
    except (ZoneInfoNotFoundError, OSError, ValueError):
        return None


def _described(zone: Component, last: date, budget: Budget) -> OwnZone:
    parts = [each for each in zone.inner if each.name in {"STANDARD", "DAYLIGHT"}]
    if not 1 <= len(parts) <= _MOST_CHANGES:
        raise Wrong("its time zone is not described", "منطقهٔ زمانی‌اش تعریف نشده است")
    changes = [change for part in parts for change in _changes(part, last, budget)]
    return OwnZone(tuple(sorted(changes, key=lambda change: change.at)))


def _changes(part: Component, last: date, budget: Budget) -> list[Change]:
    start = read_moment(_required(part, "DTSTART"))
    before = _offset(_required(part, "TZOFFSETFROM"))
    after = _offset(_required(part, "TZOFFSETTO"))
    rule = part.get("RRULE")
    starts = [start, *(read_moment(one) for one in _listed(part.all("RDATE")))]
    if rule:
        starts += _repeated(read_rule(rule.value), start, before, last, budget)
    return [Change(each, before, after) for each in starts]


def _repeated(
    rule: Rule, start: datetime, before: timedelta, last: date, budget: Budget
) -> list[datetime]:
    limit = last_start(rule)
    if limit and rule.until.endswith("Z"):
        limit += before
    days = days_of(rule, start.date(), start.date(), last, budget)
    moments = (datetime.combine(day, start.time()) for day in days)
    return [each for each in moments if limit is None or each <= limit]


def _required(part: Component, name: str) -> str:
    found = part.get(name)
    if found is None:
        raise Wrong(f"{part.name} has no {name}", f"{part.name} بخش {name} ندارد")
    return found.value


def _listed(properties: list[Property]) -> list[str]:
    return [one for each in properties for one in each.value.split(",")]


def _offset(text: str) -> timedelta:
    found = _OFFSET.fullmatch(text.strip())
    if not found or int(found[2]) > 23 or int(found[3]) > 59:
        raise Wrong(f"{text[:20]!r} is no offset such as +0330", f"{text[:20]!r} اختلاف ساعت نیست")
    size = timedelta(hours=int(found[2]), minutes=int(found[3]), seconds=int(found[4] or 0))
    return -size if found[1] == "-" else size


def read_moment(text: str) -> datetime:
    """Read ``20261224T120000``, with or without ``Z``, as what a clock shows."""
    return _read(text, _MOMENT, "%Y%m%dT%H%M%S")


def read_day(text: str) -> date:
    """Read ``20261224``."""
    return _read(text, _DATE, "%Y%m%d").date()


def _read(text: str, form: re.Pattern[str], layout: str) -> datetime:
    try:
        if form.fullmatch(text):
            read = datetime.strptime(text.removesuffix("Z"), layout)  # noqa: DTZ007
            if _FIRST_YEAR <= read.year <= _LAST_YEAR:
                return read
    except ValueError:
        pass  # The same refusal: the form is right, but there is no such day or hour.
    raise Wrong(f"{text[:40]!r} is no time of iCalendar", f"{text[:40]!r} زمان درستی نیست")
