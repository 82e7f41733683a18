"""Closures from an iCalendar feed or file: each event is a time when nobody works.

All-day and timed events, repeated ones (``RRULE``, ``RDATE``, ``EXDATE``), moved and cancelled
single ones (``RECURRENCE-ID``, ``STATUS:CANCELLED``). Whether an event blocks its owner's time
(``TRANSP``) does not matter: holiday feeds say that none does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sla.calendar_model import Closure
from sla.calendar_words import LONGEST_STRETCH
from sla.ical_lines import Component, Property, line_of, read_components, refuse_line
from sla.ical_zones import NamedZone, Zone, find_zone, read_day, read_moment
from sla.recurrence import Budget, days_of, last_start, read_rule
from sla.strict import SettingsRefused, Wrong
from sla.wall_clock import instant_of, local_of

LONGEST_WINDOW = timedelta(days=12 * 366)
MOST_CLOSURES = 5000
_DAYS_LOOKED_AT = 200_000
_LONGEST_NAME = 200
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class _Start:
    """When something starts: what its clock shows, and by which clock; a whole day by none."""

    shown: datetime
    zone: Zone | None

    def at(self, day: date) -> _Start:
        return _Start(datetime.combine(day, self.shown.time()), self.zone)

    @property
    def mark(self) -> int | date:
        """What tells two starts of one event apart."""
        return self.zone.instant(self.shown) if self.zone else self.shown.date()


def closures_from_ical(
    source: bytes, zone: ZoneInfo, first: date, last: date, file: str = "feed.ics"
) -> tuple[Closure, ...]:
    """Return the closures that touch the days from ``first`` to ``last``, in order.

    Times without a zone are those of ``zone``. Raises :class:`SettingsRefused` with the line
    and what is wrong in both languages; nothing of a feed that is wrong somewhere is taken.
    Raises ``ValueError`` when the window is longer than twelve years.
    """
    if not timedelta(0) <= last - first <= LONGEST_WINDOW:
        raise ValueError("closures are read for at most twelve years")
    budget, found = Budget(_DAYS_LOOKED_AT), set[Closure]()
    for calendar in read_components(source, file):
        reader = _Reader(calendar, zone, first, last, file, budget)
        for closure in reader.closures():
            found.add(closure)
            if len(found) > MOST_CLOSURES:
                words = (
                    f"holds more than {MOST_CLOSURES} closures",
                    f"بیش از {MOST_CLOSURES} تعطیلی",
                )
                raise SettingsRefused(file, "", *words)
    return tuple(sorted(found, key=lambda each: (each.start, each.end)))


class _Reader:
    """Reads the events of one calendar of a feed."""

    def __init__(
        self,
        calendar: Component,
        zone: ZoneInfo,
        first: date,
        last: date,
        file: str,
        budget: Budget,
    ) -> None:
        self._zone, self._first, self._last = zone, first, last
        self._file, self._budget = file, budget
        self._off = calendar.text("METHOD").upper() == "CANCEL"
        self._events = [each for each in calendar.inner if each.name == "VEVENT"]
        self._own = {each.text("TZID"): each for each in calendar.inner if each.name == "VTIMEZONE"}
        self._zones: dict[str, Zone] = {}

    def closures(self) -> Iterator[Closure]:
        """Give the closures of every event that is not cancelled."""
        moved = self._moved()
        for event in () if self._off else self._latest():
            yield from self._guarded(event, moved.get(event.text("UID"), set()))

    def _latest(self) -> list[Component]:
        """The newest version of each event and of each change of a single one of its days."""
        newest: dict[tuple[str, str], Component] = {}
        for number, event in enumerate(self._events):
            key = (event.text("UID") or f"\n{number}", event.text("RECURRENCE-ID"))
            if key not in newest or _sequence(event) >= _sequence(newest[key]):
                newest[key] = event
        return list(newest.values())

    def _moved(self) -> Mapping[str, set[int | date]]:
        """By event, which of its days are changed or cancelled by themselves."""
        moved: dict[str, set[int | date]] = {}
        for event in self._events:
            for each in event.all("RECURRENCE-ID"):
                try:
                    mark = self._start(each, each.value).mark
                except Wrong as wrong:
                    raise refuse_line(self._file, each.line, wrong) from None
                moved.setdefault(event.text("UID"), set()).add(mark)
        return moved

    def _guarded(self, event: Component, moved: set[int | date]) -> Iterator[Closure]:
        try:
            if event.text("STATUS").upper() != "CANCELLED":
                yield from self._of_event(event, moved)
        except Wrong as wrong:
            raise refuse_line(self._file, event.line, wrong) from None

    def _of_event(self, event: Component, moved: set[int | date]) -> Iterator[Closure]:
        begins = event.get("DTSTART")
        if begins is None:
            raise Wrong("the event has no DTSTART", "رویداد DTSTART ندارد")
        start = self._start(begins, begins.value)
        length = self._length(event, start)
        names = _names(event.text("SUMMARY"))
        skipped = self._marks(event.all("EXDATE"))
        if not event.get("RECURRENCE-ID"):
            skipped |= moved
        for each in self._starts(event, start, length):
            # Some tools leave out a day of a timed event by its date alone.
            if length and skipped.isdisjoint({each.mark, each.shown.date()}):
                yield from self._closure(each, length, names)

    def _starts(self, event: Component, start: _Start, length: timedelta) -> Iterator[_Start]:
        rules = event.all("RRULE")
        if len(rules) > 1 or event.all("EXRULE"):
            raise Wrong("one RRULE and no EXRULE can be used", "تنها یک RRULE و بدون EXRULE")
        yield from self._repeated(rules[0], start, length) if rules else [start]
        for each in event.all("RDATE"):
            yield from (self._start(each, one) for one in each.value.split(","))

    def _repeated(self, found: Property, start: _Start, length: timedelta) -> Iterator[_Start]:
        with line_of(found):
            rule = read_rule(found.value)
            limit, universal = last_start(rule), rule.until.endswith("Z")
        # Clocks differ by a day at most, and a long event reaches into the window.
        first, last = self._first - length - 2 * _DAY, self._last + 2 * _DAY
        for day in days_of(rule, start.shown.date(), first, last, self._budget):
            each = start.at(day)
            if limit and _after(each, limit, universal=universal):
                return
            yield each

    def _length(self, event: Component, start: _Start) -> timedelta:
        """How long the event lasts; nothing for a moment, which closes nothing."""
        length = timedelta(0) if start.zone else _DAY
        if ends := event.get("DTEND"):
            end = self._start(ends, ends.value)
            if (end.zone is None) != (start.zone is None):
                raise Wrong("DTEND is not of the kind of DTSTART", "DTEND از نوع DTSTART نیست")
            length = _between(start, end)
        elif lasts := event.get("DURATION"):
            with line_of(lasts):
                length = _duration(lasts.value)
        if start.zone is None:
            # Some tools write a single day as one that ends when it starts.
            length = max(length, _DAY)
        if not timedelta(0) <= length <= LONGEST_STRETCH:
            raise Wrong("the event's length is impossible", "درازای رویداد ناممکن است")
        return length

    def _closure(
        self, start: _Start, length: timedelta, names: Mapping[str, str]
    ) -> Iterator[Closure]:
        if start.zone is None:
            begin, end = start.shown, start.shown + timedelta(days=length.days)
        else:
            instant = start.zone.instant(start.shown)
            begin = local_of(self._zone, instant)
            end = local_of(self._zone, instant + length // timedelta(microseconds=1))
        if begin.date() <= self._last and end > datetime.combine(self._first, datetime.min.time()):
            yield Closure(begin, end, names)

    def _marks(self, properties: list[Property]) -> set[int | date]:
        return {self._start(each, one).mark for each in properties for one in each.value.split(",")}

    def _start(self, found: Property, value: str) -> _Start:
        with line_of(found):
            if "RANGE" in found.parameters:
                raise Wrong("RANGE cannot be used here", "RANGE اینجا پشتیبانی نمی‌شود")
            return self._read_start(found.parameters, value.strip())

    def _read_start(self, parameters: Mapping[str, str], value: str) -> _Start:
        if parameters.get("VALUE", "").upper() == "DATE" or len(value) == 8:
            return _Start(datetime.combine(read_day(value), datetime.min.time()), None)
        shown = read_moment(value)
        if value.endswith("Z"):
            return _Start(shown, _UTC)
        name = parameters.get("TZID")
        return _Start(shown, self._named(name) if name else NamedZone(self._zone))

    def _named(self, name: str) -> Zone:
        if name not in self._zones:
            self._zones[name] = find_zone(name, self._own, self._last + 2 * _DAY, self._budget)
        return self._zones[name]


_UTC = NamedZone(ZoneInfo("UTC"))


def _after(start: _Start, limit: datetime, *, universal: bool) -> bool:
    if universal and start.zone:
        return start.zone.instant(start.shown) > instant_of(ZoneInfo("UTC"), limit)
    return start.shown > limit


def _between(start: _Start, end: _Start) -> timedelta:
    if start.zone is None or end.zone is None:
        return end.shown - start.shown
    return timedelta(microseconds=end.zone.instant(end.shown) - start.zone.instant(start.shown))


def _duration(text: str) -> timedelta:
    from icalendar.prop import vDuration

    try:
        length: timedelta = vDuration.from_ical(text.strip()[:40])  # type: ignore[no-untyped-call]
    except (ValueError, OverflowError):
        raise Wrong(f"{text[:40]!r} is no duration", f"{text[:40]!r} مدت درستی نیست") from None
    return length


def _sequence(event: Component) -> int:
    text = event.text("SEQUENCE")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _names(summary: str) -> Mapping[str, str]:
    """The event's own words in both languages: a feed has but one."""
    told = " ".join(summary.split())[:_LONGEST_NAME]
    return {"fa": told or "تعطیل", "en": told or "Closed"}
