"""Recurrence by the day agrees with dateutil, and what never happens costs little."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from dateutil import rrule
from hypothesis import given, settings
from hypothesis import strategies as st

from sla.recurrence import WEEKDAYS, Budget, days_of, last_start, read_rule
from sla.strict import Wrong

# Near the year 9999, where dateutil gives up a rule that never comes true.
days = st.dates(date(9970, 1, 1), date(9980, 12, 31))
RUNNING = Budget(10**12)


def some(values: st.SearchStrategy[str], name: str) -> st.SearchStrategy[str]:
    return st.lists(values, min_size=1, max_size=3).map(lambda many: f";{name}={','.join(many)}")


def numbers(most: int, *, signed: bool = True) -> st.SearchStrategy[str]:
    both = st.integers(1, most) | st.integers(-most, -1) if signed else st.integers(1, most)
    return both.map(str)


maybe = st.just("")
weekdays = st.sampled_from(WEEKDAYS)
ordinals = st.sampled_from(["1", "2", "-1", "5", "+3"])


@st.composite
def rules(draw: st.DrawFn) -> str:
    frequency = draw(st.sampled_from(["YEARLY", "MONTHLY", "WEEKLY", "DAILY"]))
    within = frequency in {"YEARLY", "MONTHLY"}
    # Mixed, ``MO,3TU``, dateutil wants both, where the standard wants either.
    named = (
        st.tuples(ordinals, weekdays).map("".join) if within and draw(st.booleans()) else weekdays
    )
    parts = [
        f"FREQ={frequency}",
        draw(maybe | st.integers(1, 4).map(lambda n: f";INTERVAL={n}")),
        draw(maybe | some(numbers(12, signed=False), "BYMONTH")),
        draw(maybe | some(named, "BYDAY")),
        draw(maybe | weekdays.map(lambda day: f";WKST={day}")),
    ]
    if frequency != "WEEKLY":
        parts.append(draw(maybe | some(numbers(31), "BYMONTHDAY")))
    if frequency == "YEARLY":
        parts.append(draw(maybe | some(numbers(366), "BYYEARDAY")))
    if "BYDAY" in "".join(parts) and within:
        parts.append(draw(maybe | some(numbers(3), "BYSETPOS")))
    return "".join(parts) + draw(maybe | st.integers(1, 30).map(lambda n: f";COUNT={n}"))


@given(rules(), days, st.integers(0, 400))
@settings(deadline=None, max_examples=150)
def test_it_agrees_with_dateutil(text: str, start: date, later: int) -> None:
    first = start + timedelta(days=later)
    last = first + timedelta(days=800)
    midnight = datetime.combine(start, datetime.min.time())
    known = rrule.rrulestr(text.split(";COUNT")[0] + ";UNTIL=99850101", dtstart=midnight)
    expected = [day.date() for day in known if day.date() != start]
    count = int(text.split("COUNT=")[1]) if "COUNT" in text else None
    everything = [start, *expected][:count]
    found = list(days_of(read_rule(text), start, first, last, RUNNING))
    assert found == [day for day in everything if first <= day <= last]


def test_the_day_itself_counts_though_it_does_not_fit() -> None:
    rule = read_rule("FREQ=WEEKLY;BYDAY=MO;COUNT=2")
    sunday = date(2026, 11, 22)
    assert list(days_of(rule, sunday, sunday, date(2027, 1, 1), RUNNING)) == [
        sunday,
        date(2026, 11, 23),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=30",
        "FREQ=YEARLY;BYMONTH=1;BYYEARDAY=200",
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30;COUNT=10000",
    ],
)
def test_a_rule_that_never_comes_true_ends_soon(text: str) -> None:
    start, last = date(1900, 1, 1), date(2035, 1, 1)
    found = days_of(read_rule(text), start, date(2026, 1, 1), last, Budget(120_000))
    assert list(found) == []


def test_either_of_a_mixed_list_of_weekdays() -> None:
    rule, start = read_rule("FREQ=MONTHLY;BYDAY=MO,1TU"), date(2026, 11, 2)
    found = days_of(rule, start, start, date(2026, 11, 16), RUNNING)
    assert [day.day for day in found] == [2, 3, 9, 16]


def test_a_spent_budget_is_told() -> None:
    start, last = date(2020, 1, 1), date(2030, 1, 1)
    with pytest.raises(Wrong, match="repeats more"):
        list(days_of(read_rule("FREQ=DAILY"), start, start, last, Budget(1000)))


@pytest.mark.parametrize(
    "text",
    [
        "", "FREQ", "FREQ=HOURLY", "FREQ=SECONDLY", "COUNT=3", "FREQ=DAILY;BYHOUR=9",
        "FREQ=YEARLY;BYWEEKNO=20", "FREQ=DAILY;COUNT=0", "FREQ=DAILY;COUNT=99999999999",
        "FREQ=DAILY;INTERVAL=-1", "FREQ=DAILY;COUNT=1;COUNT=2", "FREQ=DAILY;BYMONTH=13",
        "FREQ=DAILY;BYMONTH=-1", "FREQ=WEEKLY;BYDAY=1MO", "FREQ=MONTHLY;BYDAY=XX",
        "FREQ=MONTHLY;BYMONTHDAY=٣", "FREQ=DAILY;;", "FREQ=DAILY;RSCALE=HEBREW",
    ],
)  # fmt: skip
def test_other_rules_are_refused_in_both_languages(text: str) -> None:
    with pytest.raises(Wrong) as caught:
        read_rule(text)
    assert caught.value.fa
    assert str(caught.value)


def test_until_is_read() -> None:
    assert last_start(read_rule("FREQ=DAILY;UNTIL=20261231")) == datetime(2026, 12, 31, 23, 59, 59)  # noqa: DTZ001
    assert last_start(read_rule("FREQ=DAILY;UNTIL=20261231T090000Z")) == datetime(2026, 12, 31, 9)  # noqa: DTZ001
    assert last_start(read_rule("FREQ=DAILY")) is None
    for text in ("20261332", "soon"):
        with pytest.raises(Wrong):
            last_start(read_rule(f"FREQ=DAILY;UNTIL={text}"))
