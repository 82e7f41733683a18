"""What is said about a wrong answer, in Persian and English: always what to do."""

from __future__ import annotations

from forms.model import CHOSEN, LISTED, Field, Names, say
from forms.text import localise_digits

_TEXTS: dict[str, Names] = {
    "answer": {"fa": "به پرسش «{label}» پاسخ دهید", "en": "Answer the question “{label}”"},
    "enter": {"fa": "«{label}» را بنویسید", "en": "Enter “{label}”"},
    "choose": {
        "fa": "یکی از گزینه‌های «{label}» را انتخاب کنید",
        "en": "Choose an option for “{label}”",
    },
    "choose_some": {
        "fa": "دست‌کم یک گزینه از «{label}» را انتخاب کنید",
        "en": "Choose at least one option for “{label}”",
    },
    "tick": {"fa": "برای ادامه، «{label}» را تیک بزنید", "en": "Tick “{label}” to continue"},
    "add_file": {"fa": "برای «{label}» فایلی بیفزایید", "en": "Add a file for “{label}”"},
    "text": {"fa": "پاسخ را به صورت متن بنویسید", "en": "Write the answer as text"},
    "control": {
        "fa": "در این متن نویسهٔ پنهان هست. آن را دوباره بنویسید",
        "en": "This text holds hidden control characters. Write it again",
    },
    "too_long": {
        "fa": "کوتاه‌تر بنویسید، حداکثر {n} نویسه",
        "en": "Shorten this to {n} characters or fewer",
    },
    "too_short": {"fa": "بیشتر بنویسید، دست‌کم {n} نویسه", "en": "Write at least {n} characters"},
    "pattern": {
        "fa": "شکل این پاسخ درست نیست. آن را مانند نمونه بنویسید",
        "en": "This is not written the way we need it. Check it and write it again",
    },
    "email": {
        "fa": "نشانی ایمیل را کامل بنویسید، مانند name@example.com",
        "en": "Enter a whole e-mail address, like name@example.com",
    },
    "phone": {
        "fa": "شمارهٔ تلفن را کامل بنویسید، مانند ۰۹۱۲۱۲۳۴۵۶۷",
        "en": "Enter a whole phone number, like 0912 123 4567",
    },
    "number": {"fa": "یک عدد بنویسید، مانند ۱۲۰۰", "en": "Enter a number, like 1200"},
    "too_many_digits": {
        "fa": "عددی با حداکثر ۱۵ رقم بنویسید",
        "en": "Enter a number with 15 digits or fewer",
    },
    "whole": {"fa": "عدد را بدون اعشار بنویسید", "en": "Enter a whole number"},
    "decimals": {
        "fa": "عدد را با حداکثر {n} رقم اعشار بنویسید",
        "en": "Enter a number with {n} decimal places or fewer",
    },
    "min": {"fa": "عدد {n} یا بزرگ‌تر بنویسید", "en": "Enter {n} or more"},
    "max": {"fa": "عدد {n} یا کوچک‌تر بنویسید", "en": "Enter {n} or less"},
    "option": {
        "fa": "یکی از گزینه‌های فهرست را انتخاب کنید",
        "en": "Choose one of the options in the list",
    },
    "options": {
        "fa": "گزینه‌ها را از فهرست انتخاب کنید",
        "en": "Choose options from the list",
    },
    "boolean": {"fa": "بله یا خیر را انتخاب کنید", "en": "Answer yes or no (true or false)"},
    "date": {
        "fa": "تاریخ را کامل بنویسید، مانند ۱۴۰۵/۰۸/۳۰",
        "en": "Enter a whole date, like 2026-11-21",
    },
    "time": {"fa": "ساعت را کامل بنویسید، مانند ۱۴:۳۰", "en": "Enter a whole time, like 14:30"},
    "datetime": {
        "fa": "تاریخ و ساعت را کامل بنویسید، مانند ۱۴۰۵/۰۸/۳۰ و ۱۴:۳۰",
        "en": "Enter a whole date and time, like 2026-11-21 and 14:30",
    },
    "past": {
        "fa": "این روز گذشته است. {n} یا روزی پس از آن را بنویسید",
        "en": "That day has passed. Enter {n} or later",
    },
    "files": {"fa": "فایل را دوباره انتخاب کنید", "en": "Choose the file again"},
    "one_file": {"fa": "تنها یک فایل بفرستید", "en": "Send one file only"},
    "unknown": {
        "fa": "این فرم چنین پرسشی ندارد. آن را بردارید",
        "en": "This form has no such field. Leave it out",
    },
    "object": {
        "fa": "پاسخ‌ها را به صورت نام و مقدار بفرستید",
        "en": "Send the answers as an object of keys and values",
    },
}


def tell(code: str, language: str, *, label: str = "", n: object = "") -> str:
    """The sentence for one kind of mistake, with its number in that language's digits."""
    said = say(_TEXTS[code], language)
    return said.format(label=label, n=localise_digits(str(n), language))


def tell_missing(field: Field, language: str) -> str:
    """What to say when a required answer is missing: the file's own words, else general ones."""
    own = field.messages.get("required")
    if own:
        return say(own, language)
    return tell(_missing_code(field, language), language, label=say(field.labels, language))


def _missing_code(field: Field, language: str) -> str:
    if field.type == "filepicker":
        return "add_file"
    if field.type == "checkbox":
        return "tick"
    if field.type in CHOSEN:
        return "choose_some" if field.type in LISTED else "choose"
    return "answer" if say(field.labels, language).rstrip().endswith(("?", "؟")) else "enter"
