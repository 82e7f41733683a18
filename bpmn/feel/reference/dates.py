"""The functions on dates, times, durations and the clock."""

from __future__ import annotations

from bpmn.feel.reference.entry import entry

ENTRIES = {
    "date": entry(
        "The day of a text, of a date and time, or of three numbers.",
        "روزِ یک متن، یک تاریخ‌وساعت یا سه عدد.",
        'date("2026-03-21")', "date(2026, 3, 21)", 'date(@"2026-03-21T10:30:00")',
        'date("2026-02-30")',
    ),
    "time": entry(
        "The time of day of a text, a date and time, or of numbers with an offset perhaps.",
        "ساعتِ یک متن، یک تاریخ‌وساعت یا چند عدد، شاید با اختلاف ساعت.",
        'time("10:30:00+03:30")', 'time(10, 30, 0, @"PT3H30M")', 'time(@"2026-03-21T10:30:00Z")',
        'time("25:00:00")',
    ),
    "date and time": entry(
        "The moment of a text, of a date with a time, or of another moment in a zone.",
        "لحظهٔ یک متن، یک تاریخ با ساعت، یا لحظه‌ای دیگر در یک منطقهٔ زمانی.",
        'date and time("2026-03-21T10:30:00+03:30")',
        'date and time(@"2026-03-21", @"10:30:00")',
        'date and time(@"2026-03-21T07:00:00Z", "Asia/Tehran")',
    ),
    "duration": entry(
        "The duration of a text: days and time, or years and months.",
        "مدتِ یک متن: روز و ساعت، یا سال و ماه.",
        'duration("P1DT2H")', 'duration("P1Y2M")', 'duration("P1Y2D")',
    ),
    "years and months duration": entry(
        "The whole months between two days.", "ماه‌های کامل میان دو روز.",
        'years and months duration(@"2024-02-29", @"2026-01-01")',
    ),
    "now": entry(
        "The present moment, as the engine was given it.", "لحظهٔ کنونی که به موتور داده شده است.",
        "now()",
    ),
    "today": entry("The present day.", "روز کنونی.", "today()"),
    "day of week": entry(
        "The English name of the weekday.", "نام انگلیسی روز هفته.",
        'day of week(@"2026-03-21")',
    ),
    "month of year": entry(
        "The English name of the month.", "نام انگلیسی ماه.", 'month of year(@"2026-03-21")',
    ),
    "day of year": entry(
        "Which day of its year it is.", "روز چندم سال است.", 'day of year(@"2026-02-01")',
    ),
    "week of year": entry(
        "The week's number by ISO 8601.", "شمارهٔ هفته بنا بر ISO 8601.",
        'week of year(@"2026-01-01")', 'week of year(@"2027-01-01")',
    ),
    "last day of month": entry(
        "The last day of its month.", "آخرین روز ماه آن.", 'last day of month(@"2024-02-01")',
    ),
}  # fmt: skip
