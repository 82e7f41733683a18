"""The few words that every drawn form shares."""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, Mapping[str, str]] = {
    "fa": {
        "optional": "(اختیاری)",
        "choose": "انتخاب کنید",
        "time": "ساعت",
        "hint_date": "مانند ۱۴۰۵/۰۸/۳۰",
        "hint_time": "مانند ۱۴:۳۰",
        "hint_datetime": "مانند ۱۴۰۵/۰۸/۳۰ و ساعت ۱۴:۳۰",
        "one_error": "یک مورد را درست کنید",
        "errors": "{n} مورد را درست کنید",
    },
    "en": {
        "optional": "(optional)",
        "choose": "Choose",
        "time": "time",
        "hint_date": "For example 2026-11-21",
        "hint_time": "For example 14:30",
        "hint_datetime": "For example 2026-11-21 and 14:30",
        "one_error": "There is one thing to fix",
        "errors": "There are {n} things to fix",
    },
}
