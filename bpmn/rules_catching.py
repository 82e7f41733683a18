"""The rules about signals, escalations and conditions: what is wrong, what to do.

Each entry is (English, its remedy, Persian, its remedy).
"""

from __future__ import annotations

RULES: dict[str, tuple[str, str, str, str]] = {
    "event.signal-missing": (
        "The event names no signal, or one that the file does not declare.",
        "Declare the signal with a name, and choose it here.",
        "این رویداد سیگنالی را نام نبرده یا سیگنال آن در پرونده تعریف نشده است.",
        "سیگنال را با نام تعریف کنید و این‌جا برگزینید.",
    ),
    "event.escalation-missing": (
        "The event has no escalation, or one without a code.",
        "Declare the escalation with a code, and choose it here.",
        "این رویداد تشدید ندارد، یا تشدید آن کد ندارد.",
        "تشدید را با کد تعریف کنید و این‌جا برگزینید.",
    ),
    "event.escalation-feel": (
        "The code of an escalation that is caught is not worked out: “{code}” would be taken as"
        " it stands.",
        "Write the code out, or name no escalation to catch every one.",
        "کد تشدیدی که گرفته می‌شود حساب نمی‌شود: «{code}» همان‌گونه خوانده می‌شود.",
        "خودِ کد را بنویسید، یا برای گرفتن همه، تشدیدی نام نبرید.",
    ),
    "event.escalation-uncaught": (
        "Nothing in this file catches the escalation “{code}”; unless a process that calls this"
        " one does, it has no effect.",
        "Draw an escalation boundary event on the subprocess around it, or an event subprocess.",
        "در این پرونده چیزی تشدید «{code}» را نمی‌گیرد؛ اگر فرایند فراخواننده هم نگیرد، اثری ندارد.",
        "روی زیرفرایندِ پیرامونش رویداد مرزی تشدید بکشید، یا زیرفرایند رویدادی.",
    ),
    "event.condition-missing": (
        "The conditional event has no condition.",
        "Write a FEEL expression, such as =amount > 100.",
        "رویداد شرطی، شرط ندارد.",
        "عبارتی در FEEL بنویسید، مانند =amount > 100.",
    ),
    "event.condition-filter": (
        "The filter of the condition is not followed: a condition is judged whenever a variable"
        " that it reads changes.",
        "Remove the filter, and say in the condition itself what it depends on.",
        "از فیلتر شرط پیروی نمی‌شود؛ هر بار که متغیری از شرط عوض شود، شرط سنجیده می‌شود.",
        "فیلتر را بردارید و وابستگی را در خودِ شرط بنویسید.",
    ),
    "event.condition-clock": (
        "Time alone does not wake a condition; only a change of variables does.",
        "For a moment in time draw a timer event.",
        "گذشت زمان شرط را بیدار نمی‌کند؛ فقط تغییر متغیرها بیدارش می‌کند.",
        "برای یک لحظه، رویداد زمان‌سنج بکشید.",
    ),
}
