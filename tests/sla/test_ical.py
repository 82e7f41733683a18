"""Closures from feeds: every kind of event, and nothing that a hostile feed could do."""

from __future__ import annotations

import time
from contextlib import suppress
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sla import Closure, SettingsRefused, closures_from_ical
from sla.ical_lines import MOST_EVENTS

TEHRAN = ZoneInfo("Asia/Tehran")
LONDON = ZoneInfo("Europe/London")
FIRST, LAST = date(2026, 1, 1), date(2026, 12, 31)
DAYLIGHT = """BEGIN:VTIMEZONE
TZID:Our Office
BEGIN:STANDARD
DTSTART:19701025T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:19700329T010000
TZOFFSETFROM:+0000
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
END:DAYLIGHT
END:VTIMEZONE
"""


def feed(*events: str, before: str = "") -> bytes:
    inner = "".join(f"BEGIN:VEVENT\n{event.strip()}\nEND:VEVENT\n" for event in events)
    text = f"BEGIN:VCALENDAR\nVERSION:2.0\n{before}{inner}END:VCALENDAR\n"
    return text.replace("\n", "\r\n").encode()


def read(*events: str, zone: ZoneInfo = TEHRAN, before: str = "") -> list[tuple[str, str]]:
    found = closures_from_ical(feed(*events, before=before), zone, FIRST, LAST)
    return [
        (each.start.isoformat(" ", "minutes"), each.end.isoformat(" ", "minutes")) for each in found
    ]


def test_a_whole_day_has_its_name() -> None:
    (only,) = closures_from_ical(
        feed("DTSTART:20261224\nDTEND;VALUE=DATE:20261225\nSUMMARY:Move\\, all\n  of us"),
        TEHRAN, FIRST, LAST,
    )  # fmt: skip
    names = {"fa": "Move, all of us", "en": "Move, all of us"}
    assert only == Closure(datetime(2026, 12, 24), datetime(2026, 12, 25), names)  # noqa: DTZ001
    assert only.whole_days


@pytest.mark.parametrize(
    ("event", "found"),
    [
        ("DTSTART;VALUE=DATE:20261224", [("2026-12-24 00:00", "2026-12-25 00:00")]),
        ("DTSTART:20261224\nDTEND:20261224", [("2026-12-24 00:00", "2026-12-25 00:00")]),
        ("DTSTART;VALUE=DATE:20261224\nDURATION:P3D",
         [("2026-12-24 00:00", "2026-12-27 00:00")]),
        ("DTSTART:20261224T083000Z\nDTEND:20261224T100000Z",
         [("2026-12-24 12:00", "2026-12-24 13:30")]),
        ("DTSTART:20261224T120000\nDURATION:PT90M", [("2026-12-24 12:00", "2026-12-24 13:30")]),
        ("DTSTART;TZID=Europe/London:20260701T090000\nDTEND;TZID=Europe/London:20260701T100000",
         [("2026-07-01 11:30", "2026-07-01 12:30")]),
        ("DTSTART;TZID=GMT Standard Time:20260701T090000\nDURATION:PT1H",
         [("2026-07-01 11:30", "2026-07-01 12:30")]),
        ('DTSTART;TZID="/citadel.org/20210210_1/Europe/London":20260701T090000\nDURATION:PT1H',
         [("2026-07-01 11:30", "2026-07-01 12:30")]),
        ("DTSTART:20261224T120000", []),
        ("DTSTART;VALUE=DATE:20270101", []),
        ("DTSTART;VALUE=DATE:20251231", []),
        ("DTSTART;VALUE=DATE:20251230\nDURATION:P5D", [("2025-12-30 00:00", "2026-01-04 00:00")]),
        ("DTSTART;VALUE=DATE:20260601\nSTATUS:CANCELLED", []),
        ("DTSTART;VALUE=DATE:20260601\nTRANSP:TRANSPARENT",
         [("2026-06-01 00:00", "2026-06-02 00:00")]),
        ("DTSTART;VALUE=DATE:20190701\nRRULE:FREQ=YEARLY",
         [("2026-07-01 00:00", "2026-07-02 00:00")]),
        ("DTSTART:20261105T120000\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=3\nEXDATE:20261106T120000",
         [("2026-11-05 12:00", "2026-11-05 13:00"), ("2026-11-07 12:00", "2026-11-07 13:00")]),
        ("DTSTART;VALUE=DATE:20261105\nRRULE:FREQ=DAILY;UNTIL=20261106\nRDATE;VALUE=DATE:20261120",
         [("2026-11-05 00:00", "2026-11-06 00:00"), ("2026-11-06 00:00", "2026-11-07 00:00"),
          ("2026-11-20 00:00", "2026-11-21 00:00")]),
        # Some tools leave out a day of a timed event by its date alone.
        ("DTSTART:20261105T120000\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=2\nEXDATE;VALUE=DATE:20261106",
         [("2026-11-05 12:00", "2026-11-05 13:00")]),
        ("DTSTART;TZID=CET:20260701T090000\nDURATION:PT1H",
         [("2026-07-01 10:30", "2026-07-01 11:30")]),
        # 09:00 in Tehran is 05:30 in universal time, so the third day is past the end.
        ("DTSTART;TZID=Asia/Tehran:20261105T090000\nDURATION:PT1H\n"
         "RRULE:FREQ=DAILY;UNTIL=20261106T060000Z",
         [("2026-11-05 09:00", "2026-11-05 10:00"), ("2026-11-06 09:00", "2026-11-06 10:00")]),
    ],
)  # fmt: skip
def test_each_kind_of_event(event: str, found: list[tuple[str, str]]) -> None:
    assert read(f"UID:1\n{event}") == found


def test_a_repeated_event_keeps_its_hour_when_the_clocks_change() -> None:
    event = (
        "UID:1\nDTSTART;TZID=Europe/London:20260328T090000\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=2"
    )
    assert read(event) == [
        ("2026-03-28 12:30", "2026-03-28 13:30"),
        ("2026-03-29 11:30", "2026-03-29 12:30"),
    ]


def test_a_zone_that_the_feed_describes() -> None:
    events = [
        f"UID:{day}\nDTSTART;TZID=Our Office:{day}T090000\nDURATION:PT1H"
        for day in ("20260328", "20260329", "20261024", "20261025")
    ]
    assert read(*events, zone=ZoneInfo("UTC"), before=DAYLIGHT) == [
        ("2026-03-28 09:00", "2026-03-28 10:00"),
        ("2026-03-29 08:00", "2026-03-29 09:00"),
        ("2026-10-24 08:00", "2026-10-24 09:00"),
        ("2026-10-25 09:00", "2026-10-25 10:00"),
    ]


def test_a_repeated_hour_is_told_apart() -> None:
    (second,) = closures_from_ical(
        feed("UID:1\nDTSTART:20261025T011500Z\nDTEND:20261025T014500Z"), LONDON, FIRST, LAST
    )
    assert (second.start.fold, second.end.fold) == (1, 1)
    assert second.start.replace(tzinfo=LONDON).astimezone(ZoneInfo("UTC")).hour == 1


def test_single_days_are_moved_and_cancelled() -> None:
    weekly = "UID:1\nDTSTART;VALUE=DATE:20261102\nRRULE:FREQ=WEEKLY;COUNT=4"
    moved = "UID:1\nRECURRENCE-ID;VALUE=DATE:20261109\nDTSTART;VALUE=DATE:20261110"
    cancelled = (
        "UID:1\nRECURRENCE-ID;VALUE=DATE:20261116\nSTATUS:CANCELLED\nDTSTART;VALUE=DATE:20261116"
    )
    starts = [start[:10] for start, _ in read(cancelled, weekly, moved)]
    assert starts == ["2026-11-02", "2026-11-10", "2026-11-23"]


def test_the_newest_version_counts_and_a_cancelled_feed_closes_nothing() -> None:
    old = "UID:1\nSEQUENCE:1\nDTSTART;VALUE=DATE:20261102"
    new = "UID:1\nSEQUENCE:2\nDTSTART;VALUE=DATE:20261103"
    assert [start[:10] for start, _ in read(new, old)] == ["2026-11-03"]
    assert read(old, before="METHOD:CANCEL\n") == []


@pytest.mark.parametrize(
    ("event", "line", "told"),
    [
        ("UID:1", 3, "no DTSTART"),
        ("UID:1\nDTSTART:20261301", 5, "no time"),
        ("UID:1\nDTSTART:00010101", 5, "no time"),
        ("UID:1\nDTSTART;TZID=Mars/Base:20261101T090000", 5, "Mars/Base"),
        ("UID:1\nDTSTART;TZID=localtime:20261101T090000", 5, "not known"),
        ("UID:1\nDTSTART;TZID=../../etc/passwd:20261101T090000", 5, "not known"),
        ("UID:1\nDTSTART:20261101\nRRULE:FREQ=SECONDLY", 6, "SECONDLY"),
        ("UID:1\nDTSTART:20261101\nRRULE:FREQ=DAILY\nRRULE:FREQ=DAILY", 3, "one RRULE"),
        ("UID:1\nDTSTART:20261101\nDTEND:20261102T090000", 3, "kind"),
        ("UID:1\nDTSTART:20261101T100000\nDTEND:20261101T090000", 3, "length"),
        ("UID:1\nDTSTART:20261101\nDURATION:P9999D", 3, "length"),
        ("UID:1\nDTSTART:20261101\nDURATION:long", 6, "duration"),
        ("UID:1\nDTSTART:20261101\nDURATION:P99999999999999999999W", 6, "duration"),
        ("UID:1\nRECURRENCE-ID;RANGE=THISANDFUTURE:20261101\nDTSTART:20261101", 5, "RANGE"),
        ("UID:1\nnonsense", 5, "no line"),
        ("UID:1\nEND:VTODO", 5, "no BEGIN"),
    ],
)
def test_a_mistake_is_told_with_its_line(event: str, line: int, told: str) -> None:
    with pytest.raises(SettingsRefused, match=told) as caught:
        closures_from_ical(feed(event), TEHRAN, FIRST, LAST, "holidays.ics")
    assert (caught.value.file, caught.value.key) == ("holidays.ics", f"line {line}")
    assert caught.value.messages["fa"].startswith("سطر ")


HOSTILE = {
    "many events": feed(*["DTSTART:20260101"] * (MOST_EVENTS + 1)),
    "large": b"X" * 3_000_000,
    "not UTF-8": b"\xff\xfe" * 10,
    "no calendar": b"BEGIN:VEVENT\r\nEND:VEVENT\r\n",
    "not ended": b"BEGIN:VCALENDAR\r\n",
    "deep": b"BEGIN:VCALENDAR\r\n" * 1000,
    "much repeated": feed(*["DTSTART:20260101\nRRULE:FREQ=DAILY"] * 4000),
    "long line": b"BEGIN:VCALENDAR\r\nX:" + b"a" * 200_000 + b"\r\nEND:VCALENDAR\r\n",
    "never true": feed(
        *["DTSTART:19000101\nRRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30;COUNT=9"] * 4000
    ),
    "zone never true": feed(
        "DTSTART;TZID=Odd:20260101T090000\nDURATION:PT1H",
        before=DAYLIGHT.replace("Our Office", "Odd").replace(
            "FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU", "FREQ=SECONDLY"
        ),
    ),
    "zone of many changes": feed(
        "DTSTART;TZID=Odd\N{HYPHEN}:20260101T090000\nDURATION:PT1H\nEXDATE;TZID=Odd\N{HYPHEN}:"
        + ",".join(["20260101T090000"] * 6000)
        + "\nRRULE:FREQ=HOURLY",
        before=DAYLIGHT.replace("Our Office", "Odd\N{HYPHEN}").replace(
            "FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU", "FREQ=DAILY;COUNT=10000"
        ),
    ),
    "zone without parts": feed(
        "DTSTART;TZID=Odd:20260101T090000",
        before="BEGIN:VTIMEZONE\nTZID:Odd\nEND:VTIMEZONE\n",
    ),
}


@pytest.mark.parametrize("source", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_feed_is_refused_soon(source: bytes) -> None:
    begun = time.process_time()
    with pytest.raises(SettingsRefused):
        closures_from_ical(source, TEHRAN, FIRST, date(2037, 12, 31))
    assert time.process_time() - begun < 10


def test_the_window_has_a_bound() -> None:
    with pytest.raises(ValueError, match="twelve"):
        closures_from_ical(feed(), TEHRAN, FIRST, date(2100, 1, 1))


PIECES = st.sampled_from(
    "BEGIN:VCALENDAR BEGIN:VEVENT END:VEVENT END:VCALENDAR BEGIN:VTIMEZONE END:VTIMEZONE "
    "DTSTART:20260101 DTSTART;TZID=X:20260101T010101 DTEND:20260102 RRULE:FREQ=DAILY;COUNT=3 "
    "RRULE:FREQ=YEARLY;BYDAY=53MO EXDATE:20260101,20260102 RDATE:x UID:1 TZID:X DURATION:-P1D "
    "STATUS:CANCELLED RECURRENCE-ID:20260101 BEGIN:DAYLIGHT END:DAYLIGHT TZOFFSETFROM:+0100 "
    "TZOFFSETTO:+9900 DTSTART;VALUE=DATE;X=\"a:b\":20260101 DTSTART:99991231 DTSTART;=:1".split()
)  # fmt: skip


@given(st.lists(PIECES | st.text(max_size=30), max_size=30))
@settings(deadline=None, max_examples=100)
def test_any_lines_are_read_or_refused(lines: list[str]) -> None:
    source = "\r\n".join(["BEGIN:VCALENDAR", *lines, "END:VCALENDAR"]).encode("utf-8", "replace")
    with suppress(SettingsRefused):
        found = closures_from_ical(source, TEHRAN, FIRST, LAST)
        assert all(each.end > each.start for each in found)
