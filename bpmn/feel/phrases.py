"""Persian words for what went wrong, by the code of a warning or a syntax error."""

from __future__ import annotations

from collections.abc import Mapping

from bpmn.model import Names

PERSIAN: Mapping[str, str] = {
    "ARGUMENTS": "ورودی‌های تابع با آن جور نیستند.",
    "ARGUMENT_TYPE": "نوع یکی از ورودی‌های تابع درست نیست.",
    "ARITHMETIC": "این محاسبه پاسخی ندارد.",
    "COMPARED_KINDS": "دو مقدار از یک نوع نیستند و برابر نمی‌شوند.",
    "DATE": "این تاریخ درست نیست.",
    "DATE_TIME": "این تاریخ و ساعت درست نیست.",
    "DURATION": "این مدت درست نیست.",
    "EXTERNAL": "تابع‌های بیرونی اجرا نمی‌شوند.",
    "FUNCTION": "تابع با این ورودی‌ها پاسخی نداد.",
    "INDEX": "شمارهٔ عضو فهرست باید عدد درست باشد.",
    "INPUT_TYPE": "نوع یکی از ورودی‌ها درست نیست.",
    "NOT_BOOLEAN": "اینجا پاسخ درست یا نادرست لازم است.",
    "NOT_WHOLE": "اینجا عدد درست و بی‌اعشار لازم است.",
    "NO_CLOCK": "زمان کنونی در اینجا معلوم نیست.",
    "NO_ENTRY": "این نام در داده‌ها نیست.",
    "NO_FUNCTION": "تابعی با این نام نیست.",
    "NO_ITEM": "فهرست چنین عضوی ندارد.",
    "NO_PROPERTY": "این مقدار چنین ویژگی‌ای ندارد.",
    "NO_VARIABLE": "متغیری با این نام نیست.",
    "NULL_DOMAIN": "فهرستی برای پیمودن نیست.",
    "NULL_END": "یک سر بازه خالی است.",
    "NULL_PATH": "مقدار پیش از نقطه خالی است.",
    "NUMBER": "این عدد درست نیست.",
    "OFFSET": "اختلاف ساعت درست نیست.",
    "OPEN_COMMENT": "توضیح میان عبارت بسته نشده است.",
    "OPEN_STRING": "گیومهٔ پایان متن نیست.",
    "OPERANDS": "این عمل برای این دو مقدار معنا ندارد.",
    "ORDER": "این دو مقدار را نمی‌توان با هم سنجید.",
    "OUTPUT_TYPE": "نوع خروجی قاعده درست نیست.",
    "OUT_OF_RANGE": "مقدار از اندازهٔ مجاز بیرون است.",
    "PATTERN": "الگوی متن درست نیست.",
    "RANGE": "این بازه درست نیست.",
    "REPEATED_KEY": "یک نام دو بار آمده است.",
    "REPLACEMENT": "متن جایگزین درست نیست.",
    "RESULT_TYPE": "نوع پاسخ درست نیست.",
    "SYNTAX": "عبارت درست نوشته نشده است.",
    "TIME": "این ساعت درست نیست.",
    "TOO_COMPLEX": "عبارت بیش از اندازه پیچیده است.",
    "TOO_DEEP": "تودرتویی عبارت بیش از اندازه است.",
    "TOO_LONG": "عبارت بیش از اندازه بلند است.",
    "TOO_LONG_CHAIN": "در یک رشته عملگرهای بسیاری پشت هم آمده‌اند.",
    "TYPE": "این نوع مقدار پذیرفته نمی‌شود.",
    "UNREADABLE": "عبارت خوانده نمی‌شود.",
    "ZONE": "منطقهٔ زمانی درست نیست یا یکی از دو مقدار آن را ندارد.",
}


def in_both(code: str, position: int, english: str) -> Names:
    """The sentence in both languages, with the place in the text where there is one."""
    persian = PERSIAN.get(code, "عبارت پاسخی نداد.")
    if position < 0:
        return {"en": english, "fa": persian}
    return {
        "en": f"{english} (at character {position + 1})",
        "fa": f"{persian} (نویسهٔ {position + 1})",
    }
