"""The functions on contexts, on booleans and on whether there is a value."""

from __future__ import annotations

from bpmn.feel.reference.entry import entry

ENTRIES = {
    "get value": entry(
        "The value of an entry, whose name is worked out; a list of names leads inwards.",
        "مقدار یک نام که حساب می‌شود؛ فهرستی از نام‌ها به درون می‌رود.",
        'get value({a: 1}, "a")', 'get value({a: {b: 2}}, ["a", "b"])', 'get value({a: 1}, "x")',
    ),
    "get entries": entry(
        "All entries as contexts of key and value.", "همهٔ نام‌ها و مقدارها به‌صورت key و value.",
        "get entries({a: 1, b: 2})",
    ),
    "context": entry(
        "The context of a list of entries with key and value.",
        "مجموعهٔ نام‌ومقدار از فهرستی با key و value.",
        'context([{key: "a", value: 1}])',
        'context([{key: "a", value: 1}, {key: "a", value: 2}])',
    ),
    "context put": entry(
        "The context with an entry set, at any depth.",
        "مجموعهٔ نام‌ومقدار با یک نام تازه، در هر ژرفا.",
        'context put({a: 1}, "b", 2)', 'context put({a: {b: 1}}, ["a", "b"], 2)',
    ),
    "context merge": entry(
        "The entries of several contexts in one; the last one wins.",
        "نام‌های چند مجموعه در یکی؛ آخرین برنده است.",
        "context merge([{a: 1}, {a: 2, b: 3}])",
    ),
    "not": entry(
        "True for false and false for true; null for anything else.",
        "درست برای نادرست و نادرست برای درست؛ برای هر چیز دیگر null.",
        "not(true)", "not(null)",
    ),
    "is": entry(
        "Whether both are the same value of the same type, moments with the same zone.",
        "آیا هر دو یک مقدار از یک نوع‌اند، و لحظه‌ها با یک منطقهٔ زمانی.",
        "is(1, 1.0)", 'is(@"10:00:00Z", @"10:00:00")', "is(null, null)",
    ),
    "is defined": entry("Whether there is a value.", "آیا مقداری هست.",
                        "is defined(1)", "is defined(null)"),
    "get or else": entry(
        "The value, or the default when it is null.", "مقدار، یا اگر خالی باشد مقدار پیش‌فرض.",
        "get or else(null, 3)", "get or else(false, true)",
    ),
    "string": entry(
        "The value as a text; null stays null.", "مقدار به صورت متن؛ null همان null می‌ماند.",
        "string(1.10)", 'string(@"2026-03-21")', 'string([1, "a", null])', "string(null)",
    ),
}  # fmt: skip
