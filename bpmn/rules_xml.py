"""The rules about a file as XML, for diagrams and decision tables alike.

Each entry is (English, its remedy, Persian, its remedy).
"""

from __future__ import annotations

RULES: dict[str, tuple[str, str, str, str]] = {
    "xml.too-large": (
        "The file is larger than {limit} MB.",
        "Split it, or leave out pictures and other attachments.",
        "پرونده از {limit} مگابایت بزرگ‌تر است.",
        "آن را تقسیم کنید یا تصویرها و پیوست‌هایش را کنار بگذارید.",
    ),
    "xml.encoding": (
        "The encoding {name} is not accepted.",
        "Save the file as UTF-8.",
        "رمزگذاری {name} پذیرفته نمی‌شود.",
        "پرونده را با UTF-8 ذخیره کنید.",
    ),
    "xml.malformed": (
        "The file cannot be read as XML: {why}",
        "Save it again with the tool that made it.",
        "پرونده به‌صورت XML خوانده نمی‌شود: {why}",
        "آن را دوباره با ابزاری که ساخته‌اید ذخیره کنید.",
    ),
    "xml.dtd": (
        "A document type definition (DOCTYPE) is not accepted.",
        "Remove the line that begins with <!DOCTYPE.",
        "تعریف نوع سند (DOCTYPE) پذیرفته نمی‌شود.",
        "سطری را که با <!DOCTYPE آغاز می‌شود بردارید.",
    ),
    "xml.too-deep": (
        "Elements are nested deeper than {limit}.",
        "Flatten the diagram: move inner subprocesses to processes of their own.",
        "تودرتویی عناصر از {limit} بیشتر است.",
        "نمودار را هموار کنید: زیرفرایندهای درونی را فرایند جدا کنید.",
    ),
}
