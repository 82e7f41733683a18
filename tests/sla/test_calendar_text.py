"""A calendar that is written reads back equal."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sla import (
    Calendar,
    Closure,
    Country,
    DateRange,
    IslamicMonth,
    Opening,
    Season,
    Shift,
    YearlyRange,
    calendars,
    dump_calendar,
    load_calendar,
)

days = st.dates(date(1950, 1, 1), date(2150, 1, 1))
texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20).filter(
    lambda text: bool(text.strip())
)
names = st.fixed_dictionaries({"fa": texts, "en": texts})
edges = st.lists(st.integers(0, 1440), max_size=6, unique=True).map(sorted)
hours = edges.map(lambda all_of: tuple(map(Shift, all_of[::2], all_of[1::2])))
weeks = st.tuples(*[hours] * 7)
night_weeks = st.integers(0, 6).map(
    lambda day: tuple((Shift(1320, 1800),) if i == day else () for i in range(7))
)
moments = st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1))  # noqa: DTZ001
lengths = st.timedeltas(timedelta(microseconds=1), timedelta(days=399))
month_days = st.tuples(st.integers(1, 12), st.integers(1, 28))
ranges = st.tuples(days, st.integers(0, 300)).map(
    lambda both: DateRange(both[0], both[0] + timedelta(days=both[1]))
)
seasons = st.builds(
    Season,
    ranges
    | st.builds(YearlyRange, st.sampled_from(["gregorian", "jalali"]), month_days, month_days)
    | st.builds(
        IslamicMonth,
        st.integers(1, 12),
        st.integers(-2, 2),
        st.lists(ranges, max_size=2).map(tuple),
    ),
    weeks | night_weeks,
    st.none() | names,
)
whole_days = st.tuples(days, st.integers(1, 300)).map(
    lambda both: (
        datetime.combine(both[0], datetime.min.time()),
        datetime.combine(both[0], datetime.min.time()) + timedelta(days=both[1]),
    )
)
timed = st.tuples(moments, lengths).map(lambda both: (both[0], both[0] + both[1]))
closures = st.builds(
    lambda ends, named: Closure(ends[0], ends[1], named), whole_days | timed, st.none() | names
)
openings = st.builds(
    lambda ends, named: Opening(ends[0], ends[1], named), timed, st.none() | names
).filter(lambda opening: not opening.whole_days)
countries = st.sampled_from(
    [Country("IR"), Country("GB", "SCT"), Country("GB", persian={"Boxing Day": "روز ۲۶"}),
     Country("AT", "", ("bank", "public"))]
)  # fmt: skip
two_days = st.frozensets(days, max_size=3)


@st.composite
def any_calendar(draw: st.DrawFn) -> Calendar:
    added = draw(two_days)
    return Calendar(
        key=draw(st.from_regex(r"[a-z][a-z0-9_-]{0,10}", fullmatch=True)),
        names=draw(names),
        zone=ZoneInfo(draw(st.sampled_from(["Asia/Tehran", "Europe/London", "UTC"]))),
        week=draw(weeks | night_weeks),
        country=draw(st.none() | countries),
        solar_holidays=draw(st.frozensets(month_days, max_size=3)),
        yearly_holidays=draw(st.frozensets(month_days, max_size=3)),
        added=added,
        removed=draw(two_days) - added,
        closures=tuple(draw(st.lists(closures, max_size=3))),
        openings=tuple(draw(st.lists(openings, max_size=3))),
        seasons=tuple(draw(st.lists(seasons, max_size=3))),
        known_until=draw(st.none() | days),
        checked_until=draw(st.none() | days),
    )


@given(any_calendar())
@settings(deadline=None, max_examples=60)
def test_a_written_calendar_reads_back_equal(calendar: Calendar) -> None:
    written = dump_calendar(calendar)
    again = load_calendar(written.encode(), "again.toml")
    assert again == calendar
    assert dump_calendar(again) == written


@pytest.mark.parametrize("calendar", calendars().values(), ids=lambda one: one.key)
def test_the_shipped_ones_too(calendar: Calendar) -> None:
    assert load_calendar(dump_calendar(calendar).encode(), "x.toml") == calendar


def test_the_second_of_two_same_hours_is_kept() -> None:
    england = calendars()["england"]
    late = datetime(2026, 10, 25, 1, 30, fold=1)  # noqa: DTZ001
    closure = Closure(datetime(2026, 10, 25, 1, 30), late)  # noqa: DTZ001
    calendar = Calendar("x", {"fa": "x", "en": "x"}, england.zone, ((),) * 7, closures=(closure,))
    written = dump_calendar(calendar)
    assert "2026-10-25 01:30 to 2026-10-25 01:30+00:00" in written
    again = load_calendar(written.encode(), "x.toml").closures[0]
    assert (again.start.fold, again.end.fold) == (0, 1)
