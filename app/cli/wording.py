"""What the command line says around findings, in English and Persian."""

from __future__ import annotations

from collections.abc import Mapping


def printable(text: str) -> str:
    """A text as it can be written out; bytes of a file name that are no UTF-8 become U+FFFD."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


RIGHT: Mapping[str, str] = {"en": "right", "fa": "درست است"}
SEVERITIES: Mapping[str, Mapping[str, str]] = {
    "en": {"error": "error", "warning": "warning"},
    "fa": {"error": "خطا", "warning": "هشدار"},
}
SUMMARY: Mapping[str, str] = {
    "en": "errors: {errors}, warnings: {warnings}",
    "fa": "خطا: {errors}، هشدار: {warnings}",
}
NOT_LOOKED_AT: Mapping[str, Mapping[str, str]] = {
    "channel": {
        "en": "Not looked at, since an installation has channels of its own: {names}",
        "fa": "بررسی نشد، چون هر نصب کانال‌های خودش را دارد: {names}",
    },
    "group": {
        "en": "Not looked at, since an installation has groups of its own: {names}",
        "fa": "بررسی نشد، چون هر نصب گروه‌های خودش را دارد: {names}",
    },
    "decision": {
        "en": "Not looked at, since these decisions may be deployed already (give their .dmn"
        " files as well): {names}",
        "fa": "بررسی نشد، چون این تصمیم‌ها شاید پیش‌تر منتشر شده باشند (پرونده‌های ‎.dmn را هم"
        " بدهید): {names}",
    },
    "process": {
        "en": "Not looked at, since these processes may be deployed already (give their .bpmn"
        " files as well): {names}",
        "fa": "بررسی نشد، چون این فرایندها شاید پیش‌تر منتشر شده باشند (پرونده‌های ‎.bpmn را هم"
        " بدهید): {names}",
    },
    "ladder": {
        "en": "Not looked at, since an installation has escalation ladders of its own: {names}",
        "fa": "بررسی نشد، چون هر نصب نردبان‌های پیگیری خودش را دارد: {names}",
    },
    "template": {
        "en": "Not looked at, since an installation has letters of its own: {names}",
        "fa": "بررسی نشد، چون هر نصب نامه‌های خودش را دارد: {names}",
    },
    "version-tag": {
        "en": "Not looked at, since other versions may be deployed with these tags: {names}",
        "fa": "بررسی نشد، چون نسخه‌های دیگری شاید با این برچسب‌ها منتشر شده باشند: {names}",
    },
}
