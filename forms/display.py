"""Answers as people read them, and as they stand in an input."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal
from typing import Any

from forms.conditions import find_hidden
from forms.dates import (
    FIRST_GREGORIAN_YEAR,
    parse_date,
    parse_datetime,
    parse_time,
    show_date,
    show_time,
    tell_date,
)
from forms.model import Evaluate, Field, Form, say
from forms.text import localise_digits

_TICKED = {"fa": ("بله", "خیر"), "en": ("Yes", "No")}


def describe(
    form: Form,
    data: Mapping[str, Any],
    language: str,
    *,
    zone: tzinfo = UTC,
    evaluate: Evaluate | None = None,
) -> list[tuple[str, str]]:
    """The answers as (label, text) for a page that shows them, in the file's order.

    Unanswered and hidden fields are left out.
    """
    hidden = find_hidden(form, data, evaluate)
    told = ((f, tell_answer(f, data.get(f.key), language, zone)) for f in form.fields)
    return [(say(f.labels, language), text) for f, text in told if text and f.key not in hidden]


def tell_answer(field: Field, value: Any, language: str, zone: tzinfo = UTC) -> str:
    """One answer in words; ``""`` when there is none."""
    if value is None or value == "" or value == []:
        return ""
    if field.type == "checkbox":
        return _TICKED.get(language, _TICKED["en"])[0 if value is True else 1]
    if field.options:
        return _tell_options(field, value, language)
    if field.type == "number":
        return _affixed(field, _tell_number(value, language), language)
    if field.type == "datetime":
        return _tell_moment(field, value, language, zone)
    return _tell_text(field, value, language)


def _tell_options(field: Field, value: Any, language: str) -> str:
    chosen = value if isinstance(value, list) else [value]
    labels = {option.value: say(option.labels, language) for option in field.options}
    comma = "، " if language == "fa" else ", "
    return comma.join(
        labels.get(one, str(one)) if isinstance(one, str) else str(one) for one in chosen
    )


def _tell_number(value: Any, language: str) -> str:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return localise_digits(str(value), language)
    text = f"{Decimal(repr(value)):,f}" if abs(value) < 10**15 else str(value)
    if language == "fa":
        text = text.replace(",", "٬").replace(".", "٫")
    return localise_digits(text, language)


def _affixed(field: Field, text: str, language: str) -> str:
    parts = (say(field.prefixes, language), text, say(field.suffixes, language))
    return " ".join(part for part in parts if part)


def _tell_moment(field: Field, value: Any, language: str, zone: tzinfo) -> str:
    text = str(value)
    if field.subtype == "time":
        hour = parse_time(text)
        return show_time(hour, language) if hour else text
    moment = parse_datetime(text, zone)
    if moment is not None:
        local = _localise(moment, zone)
        comma = "، " if language == "fa" else ", "
        return tell_date(local.date(), language) + comma + show_time(local.time(), language)
    day = parse_date(text)
    return tell_date(day, language) if day else text


def _localise(moment: datetime, zone: tzinfo) -> datetime:
    return moment.astimezone(UTC).astimezone(zone)


def _tell_text(field: Field, value: Any, language: str) -> str:
    if isinstance(value, list):
        return ("، " if language == "fa" else ", ").join(str(one) for one in value)
    text = str(value)
    return localise_digits(text, language) if field.kind == "phone" else text


def show_input(field: Field, value: Any, language: str, zone: tzinfo = UTC) -> tuple[str, str]:
    """What stands in the field's inputs: the text, and the time of a date with a time.

    Clean values are written the reader's way; what a person typed stays as typed.
    """
    if value is None or isinstance(value, (list, dict)):
        return "", ""
    if field.type == "number" and not isinstance(value, (str, bool)):
        return localise_digits(_plain(value), language), ""
    if field.type != "datetime" or not isinstance(value, str):
        return str(value), ""
    return _show_moment(field, value, language, zone)


def _plain(value: Any) -> str:
    return f"{Decimal(repr(value)):f}" if isinstance(value, float) else str(value)


def _show_moment(field: Field, value: str, language: str, zone: tzinfo) -> tuple[str, str]:
    if field.subtype == "time":
        return localise_digits(value, language), ""
    if field.subtype == "date":
        day = _read_iso_date(value)
        return (show_date(day, language) if day else value), ""
    if "T" in value and (moment := parse_datetime(value, zone)) is not None:
        local = _localise(moment, zone)
        return show_date(local.date(), language), show_time(local.time(), language)
    day_text, _, hour = value.strip().partition(" ")
    return day_text, hour


def _read_iso_date(value: str) -> date | None:
    try:
        day = date.fromisoformat(value) if len(value) == 10 else None
    except ValueError:
        return None
    return day if day and day.year >= FIRST_GREGORIAN_YEAR else None
