"""Words for people: languages, digits, Jalali and Gregorian dates, durations.

The pure functions take the language (``"fa"`` or ``"en"``), the zone and ``now``;
``init_i18n`` binds them to Flask as template filters.
"""

from app.i18n.dates import (
    calendar_day,
    day_start,
    format_ago,
    format_clock,
    format_day,
    format_due,
    format_full,
    format_moment,
    from_calendar,
    read_day,
    short_day,
)
from app.i18n.digits import format_number, format_percent, read_digits, to_digits
from app.i18n.durations import format_duration, format_exact, format_left, format_working
from app.i18n.flask import (
    LANGUAGE_COOKIE,
    current_instant,
    current_language,
    current_zone,
    init_i18n,
)
from app.i18n.language import (
    DIRECTIONS,
    LANGUAGES,
    choose_language,
    other_language,
    pick_text,
    wanted_language,
)

__all__ = [
    "DIRECTIONS",
    "LANGUAGES",
    "LANGUAGE_COOKIE",
    "calendar_day",
    "choose_language",
    "current_instant",
    "current_language",
    "current_zone",
    "day_start",
    "format_ago",
    "format_clock",
    "format_day",
    "format_due",
    "format_duration",
    "format_exact",
    "format_full",
    "format_left",
    "format_moment",
    "format_number",
    "format_percent",
    "format_working",
    "from_calendar",
    "init_i18n",
    "other_language",
    "pick_text",
    "read_day",
    "read_digits",
    "short_day",
    "to_digits",
    "wanted_language",
]
