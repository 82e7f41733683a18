"""Sentences that carry both languages, so that a check may speak before it knows the reader."""

from __future__ import annotations

from typing import Any

_DIGITS = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")


class Words(str):
    """An English sentence that knows its Persian one; ``format`` fills in both."""

    __slots__ = ("fa",)
    fa: str

    def __new__(cls, en: str, fa: str) -> Words:
        made = super().__new__(cls, en)
        made.fa = fa
        return made

    def __getnewargs__(self) -> tuple[str, str]:  # type: ignore[override]  # Two texts, not one.
        """What a copy is made from."""
        return str(self), self.fa

    def format(self, *values: Any, **facts: Any) -> Words:
        """Both sentences with the facts filled in, numbers in the digits of each language."""
        persian = {name: _in_persian(value) for name, value in facts.items()}
        return Words(super().format(*values, **facts), self.fa.format(*values, **persian))


def say(sentence: str, language: str) -> str:
    """The sentence for a reader of that language."""
    if language == "fa" and isinstance(sentence, Words):
        return sentence.fa
    return str(sentence)


def _in_persian(value: Any) -> Any:
    return str(value).translate(_DIGITS) if isinstance(value, int | float) else value


REQUIRED = Words("This field is required.", "این فیلد لازم است.")
NOT_NULL = Words("This field may not be null.", "این فیلد نمی‌تواند null باشد.")
NOT_TEXT = Words("Write a text here.", "این‌جا متن بنویسید.")
NOT_WHOLE = Words("Write a whole number here.", "این‌جا عدد درست بنویسید.")
NOT_FLAG = Words("Write true or false here.", "این‌جا true یا false بنویسید.")
NOT_MOMENT = Words(
    "Write a moment with its offset, as 2026-11-21T20:00:00+03:30.",
    "زمان را همراه اختلاف ساعت بنویسید، مانند 2026-11-21T20:00:00+03:30.",
)
NOT_YET = Words(
    "That moment has not come yet; check the clock of your system.",
    "این زمان هنوز نرسیده است؛ ساعت سامانهٔ خود را بررسی کنید.",
)
NOT_LINK = Words("Write an address that begins with https://.", "نشانی‌ای با https:// بنویسید.")
NOT_OBJECT = Words("Write a JSON object here.", "این‌جا یک شیء JSON بنویسید.")
NOT_FILE = Words("Send a file in this field.", "در این فیلد فایل بفرستید.")
UNKNOWN = Words(
    "There is no field of this name; remove it.", "فیلدی با این نام نیست؛ آن را بردارید."
)
EMPTY = Words("This field may not be empty.", "این فیلد نمی‌تواند خالی باشد.")
TOO_LONG = Words(
    "Shorten this to at most {max} characters.", "این را به حداکثر {max} نویسه کوتاه کنید."
)
LENGTH = Words("Write {min} to {max} characters.", "از {min} تا {max} نویسه بنویسید.")
RANGE = Words("Write a number from {min} to {max}.", "عددی از {min} تا {max} بنویسید.")
CHOICE = Words("Write one of: {choices}.", "یکی از این‌ها را بنویسید: {choices}.")
NUL = Words(
    "The character U+0000 cannot be stored; remove it.",
    "نویسهٔ U+0000 ذخیره نمی‌شود؛ آن را بردارید.",
)
CONTROL = Words(
    "The control character {code} has no place in this text; remove it.",
    "نویسهٔ کنترلی {code} جایی در این متن ندارد؛ آن را بردارید.",
)
SURROGATE = Words(
    "This text holds half a character (a lone surrogate); write the whole one.",
    "در این متن نیمهٔ یک نویسه (surrogate تنها) هست؛ نویسهٔ کامل بنویسید.",
)
NOT_FINITE = Words(
    "This is not a number that can be stored (NaN or infinite).",
    "این عددی نیست که بتوان ذخیره کرد (NaN یا بی‌نهایت).",
)
TOO_BIG = Words(
    "This number is beyond ±9007199254740991; send it as a text.",
    "این عدد از ±۹۰۰۷۱۹۹۲۵۴۷۴۰۹۹۱ فراتر است؛ آن را به‌صورت متن بفرستید.",
)
TOO_DEEP = Words(
    "This is nested more than {most} levels deep.", "این بیش از {most} سطح تودرتو است."
)
BAD_CURSOR = Words(
    "This cursor is not one of ours; begin without one.",
    "این نشانگر از ما نیست؛ بدون آن آغاز کنید.",
)
SAME_NAME = Words(
    "Two files have the same name; give each one of its own.",
    "دو فایل یک نام دارند؛ به هر کدام نام جدایی بدهید.",
)
NAMED_IN_PART = Words(
    "Each part brings the name of its file; leave this out.",
    "نام هر فایل در بخش خودش است؛ این را ننویسید.",
)
TOO_MANY_FILES = Words("Send at most {most} files.", "حداکثر {most} فایل بفرستید.")
