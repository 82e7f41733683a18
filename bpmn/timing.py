"""Instants, durations and cycles of timers: ISO 8601 texts, or FEEL values of the same kinds.

Every instant has an offset; one without is refused or faulted, since no process may depend on
the zone of the machine it runs on.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from bpmn import feel
from bpmn.expressions import Expression, evaluate_raw
from bpmn.instance import Fault

if TYPE_CHECKING:
    from bpmn.instance import Context

_DURATION = re.compile(
    r"P(?=[\dT])(?:(\d{1,9})Y)?(?:(\d{1,9})M)?(?:(\d{1,9})W)?(?:(\d{1,9})D)?"
    r"(?:T(?=\d)(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9}(?:\.\d{1,20})?)S)?)?"
)
_MAX_YEARS = 1_000


class NotATime(ValueError):
    """Says why a text is no instant, duration or cycle, in both languages."""

    def __init__(self, en: str, fa: str) -> None:
        self.en, self.fa = en, fa
        super().__init__(en)


@dataclass(frozen=True)
class Span:
    """A duration: months by the calendar and a fixed time."""

    months: int
    time: timedelta

    def after(self, instant: datetime) -> datetime:
        """The instant this much later; a day that the month lacks becomes its last."""
        try:
            return _plus_months(instant, self.months) + self.time
        except (OverflowError, ValueError) as error:
            raise _too_far() from error


def read_duration(text: str) -> Span:
    """The duration of an ISO 8601 text such as ``P3D`` or ``PT4H30M``."""
    found = _DURATION.fullmatch(text.strip().upper())
    if found is None:
        raise NotATime("write it like P3D or PT4H.", "مانند P3D یا PT4H بنویسید.")
    years, months, weeks, days, hours, minutes = (int(g or 0) for g in found.groups()[:6])
    if years > _MAX_YEARS:
        raise NotATime("it is too long.", "بیش از اندازه بلند است.")
    seconds = float(found.group(7) or 0)
    try:
        time = timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
    except OverflowError as error:
        raise NotATime("it is too long.", "بیش از اندازه بلند است.") from error
    return Span(years * 12 + months, time)


def read_instant(text: str) -> datetime:
    """The instant of an ISO 8601 text with an offset, in UTC."""
    try:
        instant = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise NotATime(
            "write it like 2026-03-21T08:00:00+03:30.", "مانند 2026-03-21T08:00:00+03:30 بنویسید."
        ) from error
    return _aware(instant)


def read_cycle(text: str) -> tuple[int | None, datetime | None, str]:
    """The count (None: for ever), the start if given and the duration of ``R3/PT1H``."""
    parts = text.strip().upper().split("/")
    if not re.fullmatch(r"R\d{0,9}", parts[0]) or len(parts) not in (2, 3):
        raise NotATime("write it like R3/PT1H or R/P1D.", "مانند R3/PT1H یا R/P1D بنویسید.")
    count = int(parts[0][1:]) if parts[0] != "R" else None
    if count == 0:
        raise NotATime("it never happens.", "هرگز رخ نمی‌دهد.")
    span = read_duration(parts[-1])
    if not span.months and not span.time:
        raise NotATime("it takes no time.", "زمانی نمی‌گیرد.")
    return count, read_instant(parts[1]) if len(parts) == 3 else None, parts[-1]


def instant_of(said: Expression, seen: Mapping[str, Any], context: Context) -> datetime | None:
    """The instant that a date or duration expression means, in UTC; None for null."""
    value = evaluate_raw(said, seen, context)
    if value is None:
        return None
    try:
        return _instant(value, context.now)
    except (feel.FeelError, ValueError, OverflowError) as error:
        raise _no("No instant", "لحظه نیست", error, said) from error


def cycle_of(
    said: Expression, seen: Mapping[str, Any], context: Context
) -> tuple[datetime, str, int | None]:
    """The first instant of a cycle, its duration and how often it comes (None: for ever)."""
    value = evaluate_raw(said, seen, context)
    if not isinstance(value, str):
        raise Fault("timer", "No cycle: it is no text.", said.text, "دوره نیست: متن نیست.")
    try:
        count, start, every = read_cycle(value)
        return start or read_duration(every).after(context.now), every, count
    except NotATime as error:
        raise _no("No cycle", "دوره نیست", error, said) from error


def _no(en: str, fa: str, error: Exception, said: Expression) -> Fault:
    told = error.fa if isinstance(error, NotATime) else None
    if isinstance(error, feel.FeelError):
        told = error.messages["fa"]
    return Fault("timer", f"{en}: {error}", said.text, f"{fa}: {told or error}")


def next_turn(due: datetime, every: str, now: datetime) -> datetime:
    """The next instant of a cycle that lies after ``now``; turns that were missed are skipped."""
    span, following = read_duration(every), due
    if not span.months and following <= now:
        following += span.time * ((now - following) // span.time)
    while following <= now or following == due:
        following = span.after(following)
    return following


def _instant(value: Any, now: datetime) -> datetime:
    if isinstance(value, str):
        text = value.strip()
        return read_duration(text).after(now) if text[:1] in "Pp" else read_instant(text)
    if isinstance(value, feel.DateTime):
        return _aware(value.to_python())
    if isinstance(value, feel.DaysDuration):
        return Span(0, value.to_python()).after(now)
    if isinstance(value, feel.MonthsDuration):
        return Span(value.months, timedelta()).after(now)
    raise NotATime(
        f"{feel.to_json(value)} has no time of day with an offset.",
        "ساعت و اختلاف ساعت ندارد.",
    )


def _aware(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        raise NotATime("the offset is missing, such as +03:30.", "اختلاف ساعت ندارد، مانند +03:30.")
    try:
        return instant.astimezone(UTC)
    except (OverflowError, ValueError) as error:
        raise _too_far() from error


def _too_far() -> NotATime:
    return NotATime("it lies too far away.", "بیش از اندازه دور است.")


def _plus_months(instant: datetime, months: int) -> datetime:
    if not months:
        return instant
    years, month = divmod(instant.year * 12 + instant.month - 1 + months, 12)
    day = min(instant.day, monthrange(years, month + 1)[1])
    return instant.replace(year=years, month=month + 1, day=day)
