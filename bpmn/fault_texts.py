"""What a standing fault says to people, in Persian and English, by its code."""

from __future__ import annotations

from bpmn.bidi import set_code_apart
from bpmn.model import Names

_TEXTS: dict[str, tuple[str, str]] = {
    "expression": (
        "The expression {expression} failed: {detail}",
        "عبارت {expression} اجرا نشد: {detail}",
    ),
    "condition": (
        "The condition {expression} gave neither true nor false: {detail}",
        "شرط {expression} نه درست شد نه نادرست: {detail}",
    ),
    "no-flow": (
        "No condition holds and there is no default flow.",
        "هیچ شرطی برقرار نیست و جریان پیش‌فرض هم نیست.",
    ),
    "timer": (
        "The timer {expression} gave no moment: {detail}",
        "زمان‌سنج {expression} لحظه‌ای نداد: {detail}",
    ),
    "message": ("The message has no name: {expression}", "پیام نام ندارد: {expression}"),
    "signal": ("The signal has no name: {expression}", "سیگنال نام ندارد: {expression}"),
    "escalation": ("The escalation has no code: {expression}", "تشدید کد ندارد: {expression}"),
    "correlation": (
        "The correlation key {expression} has no value, so no message could be matched.",
        "کلید تطبیق {expression} مقدار ندارد و هیچ پیامی به آن نمی‌رسد.",
    ),
    "decision": ("The decision failed: {detail}", "جدول تصمیم پاسخ نداد: {detail}"),
    "collection": (
        "The input collection {expression} cannot be gone through: {detail}",
        "مجموعهٔ ورودی {expression} پیمودنی نیست: {detail}",
    ),
    "names": (
        "{expression} gave no list of names that may stand here.",
        "{expression} فهرستی از نام‌ها نداد که این‌جا بیاید.",
    ),
    "nobody": (
        "Nobody may do this task: {expression} gave no group and no person.",
        "کسی برای این کار نیست: {expression} نه گروهی داد نه فردی.",
    ),
    "call": (
        "The called process cannot run: {detail}",
        "فرایند فراخوانده اجرا نمی‌شود: {detail}",
    ),
    "depth": (
        "Processes call each other too deep; does one call itself without end?",
        "فراخوانی فرایندها بیش از اندازه تودرتو شده است؛ آیا فرایندی بی‌پایان خودش را صدا می‌زند؟",
    ),
    "path": (
        "A value cannot be put there: {detail}",
        "مقدار را نمی‌شود آن‌جا گذاشت: {detail}",
    ),
    "number": (
        "{expression} gave no whole number that may stand here: {detail}",
        "{expression} عدد درستی نداد که این‌جا بیاید: {detail}",
    ),
    "long": (
        "{expression} gave a text that is too long: {detail}",
        "{expression} متنی بیش از اندازه بلند داد: {detail}",
    ),
    "size": (
        "There is no room for this value; all variables of a case, with what completed steps keep"
        " to be undone, have a limit together.",
        "برای این مقدار جا نیست؛ همهٔ متغیرهای یک پرونده، با آنچه گام‌های انجام‌شده برای برگردانده شدن"
        " نگه می‌دارند، با هم اندازه‌ای دارند.",
    ),
    "text": ("{expression} gave no text.", "{expression} متن نداد."),
    "template": ("The message cannot be written: {detail}", "متن پیام نوشته نشد: {detail}"),
    "job-type": ("The job has no type: {expression}", "این کار نوع ندارد: {expression}"),
    "budget": (
        "The automatic steps take too long or repeat without end; look at them before you try"
        " again.",
        "گام‌های خودکار بیش از اندازه طول می‌کشند یا بی‌پایان تکرار می‌شوند؛ پیش از تلاش دوباره"
        " آن‌ها را ببینید.",
    ),
    "deadlock": (
        "The gateway waits for a flow by which nothing can come any more.",
        "دروازه در انتظار جریانی است که دیگر چیزی از آن نمی‌رسد.",
    ),
}


def fault_texts(
    code: str, detail: str, expression: str | None, persian: str | None = None
) -> Names:
    """The sentence in each language; for a code that came from outside, what came with it.

    ``persian`` is the detail in Persian, where there are words for it.
    """
    en, fa = _TEXTS.get(code, ("{detail}", "{detail}"))
    return {
        "fa": fa.format(
            detail=persian or detail or code, expression=f"«{set_code_apart(expression or '')}»"
        ),
        "en": en.format(detail=detail or code, expression=f"“{expression or ''}”"),
    }
