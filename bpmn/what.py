"""What a text of a diagram is, in Persian, for findings about it."""

from __future__ import annotations

from collections.abc import Mapping

_PERSIAN: Mapping[str, str] = {
    "active elements": "عناصر فعال",
    "assignee": "مسئول",
    "called process": "فرایند فراخوانده",
    "completion condition": "شرط پایان",
    "condition": "شرط",
    "correlation key": "کلید تطبیق",
    "decision": "تصمیم",
    "due": "سررسید",
    "error code": "کد خطا",
    "escalation code": "کد تشدید",
    "event condition": "شرط رویداد",
    "excludes": "کنارگذاشته‌ها",
    "follow up": "پیگیری",
    "form": "فرم",
    "groups": "گروه‌ها",
    "id": "شناسه",
    "input collection": "مجموعهٔ ورودی",
    "job type": "نوع کار",
    "lane": "مسیر (lane)",
    "list of excludes": "فهرست کنارگذاشته‌ها",
    "list of groups": "فهرست گروه‌ها",
    "list of users": "فهرست کاربران",
    "loop cardinality": "شمار نوبت‌ها",
    "loop condition": "شرط تکرار",
    "message": "پیام",
    "output element": "عنصر خروجی",
    "priority": "اولویت",
    "retries": "تعداد تلاش",
    "script": "اسکریپت",
    "signal": "سیگنال",
    "sla": "زمان وعده‌شده",
    "target": "مقصد نگاشت",
    "timer": "زمان‌سنج",
    "users": "کاربران",
    "version tag": "برچسب نسخه",
}
_MAPPING = "mapping to "


def in_persian(what: object) -> str:
    """The Persian words for what a text is; what is not known stays as it is."""
    text = str(what)
    if text.startswith(_MAPPING):
        return f"نگاشت به {text.removeprefix(_MAPPING)}"
    return _PERSIAN.get(text, text)
