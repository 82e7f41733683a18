"""Functions that make numbers, strings, dates, times and durations (DMN 1.5, 10.3.4.1)."""

from __future__ import annotations

import re
from decimal import Decimal, DecimalException

from bpmn.feel.arithmetic import midnight
from bpmn.feel.builtins.signature import builtin
from bpmn.feel.calendar import NANOS
from bpmn.feel.errors import Undefined
from bpmn.feel.limits import Run, check_text
from bpmn.feel.numbers import ARITHMETIC, whole
from bpmn.feel.temporal import (
    Date,
    DateTime,
    DaysDuration,
    MonthsDuration,
    Time,
    at_instant,
    months_duration,
)
from bpmn.feel.texts import (
    check_offset,
    date_of,
    read_date,
    read_date_time,
    read_duration,
    read_time,
    read_zone,
)
from bpmn.feel.values import Value
from bpmn.feel.values import text as text_of

_NUMBER = re.compile(r"-?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")


@builtin(
    "number(from: string, grouping separator: any, decimal separator: any)", "number(from: string)"
)
def number(text: str, grouping: Value = None, point: Value = None) -> Value:
    if grouping not in (None, " ", ",", ".") or point not in (None, ",", "."):
        raise Undefined("ARGUMENTS", "Separators are a space, a comma or a point")
    if grouping is not None and grouping == point:
        raise Undefined("ARGUMENTS", "The separators must differ")
    plain = text.replace(grouping, "") if grouping else text
    plain = plain.replace(point, ".") if point else plain
    if len(plain) > 10_000 or _NUMBER.fullmatch(plain) is None:
        raise Undefined("NUMBER", "Not a number: {0!r}", text[:60])
    try:
        return ARITHMETIC.create_decimal(plain)
    except DecimalException as error:
        raise Undefined("NUMBER", "The number is out of range") from error


@builtin("number(from: number)")
def number_of_number(value: Decimal) -> Value:
    return value


@builtin("string(from: any)")
def string(run: Run, value: Value) -> Value:
    if value is None:
        return None
    made = text_of(value)
    check_text(len(made))
    run.spend(len(made) // 10)
    return made


@builtin("date(from: string)")
def date_from_text(text: str) -> Value:
    return read_date(text)


@builtin("date(from: date|date and time)")
def date_from(value: Date | DateTime) -> Value:
    return value.date if isinstance(value, DateTime) else value


@builtin("date(year: number, month: number, day: number)")
def date_from_numbers(year: Decimal, month: Decimal, day: Decimal) -> Value:
    return date_of(whole(year, "The year"), whole(month, "The month"), whole(day, "The day"))


@builtin("time(from: string)")
def time_from_text(text: str) -> Value:
    return read_time(text)


@builtin("time(from: time|date|date and time)")
def time_from(value: Time | Date | DateTime) -> Value:
    if isinstance(value, Date):
        return midnight(value).time
    return value.time if isinstance(value, DateTime) else value


@builtin("time(hour: number, minute: number, second: number, offset?: days and time duration|null)")
def time_from_numbers(
    hour: Decimal, minute: Decimal, second: Decimal, offset: DaysDuration | None = None
) -> Value:
    hours, minutes = whole(hour, "The hour"), whole(minute, "The minute")
    if not (0 <= hours < 24 and 0 <= minutes < 60 and 0 <= second < 60):
        raise Undefined("TIME", "There is no such time")
    nanos = (hours * 3600 + minutes * 60) * NANOS + int(second * NANOS)
    zone = None if offset is None else check_offset(offset.nanos // NANOS)
    return Time(nanos, zone)


@builtin("date and time(from: string)")
def date_and_time_from_text(text: str) -> Value:
    return read_date_time(text)


@builtin("date and time(from: date and time)")
def date_and_time_from(value: DateTime) -> Value:
    return value


@builtin("date and time(date: date|date and time, time: time)")
def date_and_time_of(date: Date | DateTime, time: Time) -> Value:
    day = date.date if isinstance(date, DateTime) else date
    return DateTime(day, time.nanos, time.zone)


@builtin("date and time(date: date and time, timezone: string)")
def date_and_time_in_zone(moment: DateTime, zone: str) -> Value:
    named = zone != "Z" and not zone.startswith(("+", "-", "@"))
    return at_instant(moment.instant, read_zone(f"@{zone}" if named else zone))


@builtin("duration(from: string)")
def duration(text: str) -> Value:
    return read_duration(text)


@builtin("duration(from: days and time duration|years and months duration)")
def duration_of(value: DaysDuration | MonthsDuration) -> Value:
    return value


@builtin("years and months duration(from: date|date and time, to: date|date and time)")
def months_between(start: Date | DateTime, end: Date | DateTime) -> Value:
    one = start.date if isinstance(start, DateTime) else start
    other = end.date if isinstance(end, DateTime) else end
    months = (other.year - one.year) * 12 + other.month - one.month
    if months > 0 and other.day < one.day:
        months -= 1
    elif months < 0 and other.day > one.day:
        months += 1
    return months_duration(months)
