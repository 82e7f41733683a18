"""What administrators type in fields, brought into the words of the files.

Digits may be Persian, dates Jalali or Gregorian (by their year), and the words between dates
and times Persian.
"""

from __future__ import annotations

import re
from datetime import date

from app.i18n import read_day, read_digits

_DATE = re.compile(r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}")
_CLOCK = re.compile(r"(?<![\d:+-])(\d):(\d\d)")
_DASH = re.compile(r"\s*[-–—‑]\s*(?=\d{1,2}:)")
_UNTIL = re.compile(r"^(\S+)\s+تا\s+(\d{1,2}:\d\d)$")


def hours(text: str) -> str:
    """``۸:۰۰ تا ۱۶:۰۰`` as ``08:00-16:00``."""
    read = _DASH.sub("-", read_digits(text.strip()).replace(" تا ", "-"))
    return re.sub(r"-(\d):", r"-0\1:", _CLOCK.sub(r"0\1:\2", read))


def day(text: str) -> date | str:
    """``۱۴۰۵/۰۹/۰۱`` as a date; what is none stays a text, which is refused by its key."""
    return read_day(text.strip()) or text.strip()


def stretch(text: str) -> str:
    """``۱۴۰۵/۰۹/۰۱ از ۱۲:۰۰`` as ``2026-11-22 from 12:00``."""
    read = read_digits(text.strip())
    read = _DATE.sub(lambda found: str(read_day(found[0]) or found[0]), read)
    read = _UNTIL.sub(r"\1 until \2", read)
    read = read.replace(" از ", " from ").replace(" تا ", " to ")
    within = re.fullmatch(r"(\S+) (?:from )?(\d{1,2}:\d\d)(?: to |\s*[-–]\s*)(\d{1,2}:\d\d)", read)
    if within:
        return f"{within[1]} {hours(f'{within[2]}-{within[3]}')}"
    return _CLOCK.sub(r"0\1:\2", read)


def duration(text: str) -> str:
    """A working time in Latin digits and capitals."""
    return read_digits(text.strip()).upper()
