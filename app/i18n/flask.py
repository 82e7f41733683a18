"""Binds the formatting to Flask: the language of a request, Babel's catalogues, template filters.

Filters take the context (``pass_context``), else Jinja folds ``{{ 2|digits }}`` at compile time
and the first language to render a page would stay in it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask, current_app, g, has_request_context, request
from flask_babel import Babel
from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape

from app.i18n import dates, digits, durations, language, money, names, quoting

LANGUAGE_COOKIE = "lang"


def init_i18n(app: Flask) -> None:
    """Give the application its languages, filters (``moment``, ``digits``...) and globals."""
    app.config.setdefault("BABEL_DEFAULT_LOCALE", app.config.get("PEYGIR_LANGUAGE", "fa"))
    app.config.setdefault("BABEL_TRANSLATION_DIRECTORIES", "translations;translations")
    app.config.setdefault("BABEL_DOMAIN", "messages;portal")
    Babel(app, locale_selector=current_language, timezone_selector=lambda: str(current_zone()))
    for name, filter_ in FILTERS.items():
        app.add_template_filter(filter_, name)
    app.context_processor(_template_globals)


def current_language() -> str:
    """The person's setting, else the cookie, else the browser's wish, else the organisation's."""
    default = str(current_app.config.get("PEYGIR_LANGUAGE", "fa"))
    if not has_request_context():
        return default
    setting = g.get("language") or getattr(g.get("user"), "language", None)
    wishes = (setting, request.cookies.get(LANGUAGE_COOKIE))
    return language.choose_language(wishes, request.accept_languages, default)


def current_zone() -> ZoneInfo:
    """The organisation's time zone, in which every date of a page is written."""
    return ZoneInfo(str(current_app.config.get("PEYGIR_TIME_ZONE", "Asia/Tehran")))


def current_instant() -> datetime:
    """The instant the request is answered for: what the edge put into ``g.now``, else now."""
    instant: datetime = g.get("now") or datetime.now(UTC)
    return instant


def _template_globals() -> dict[str, Any]:
    chosen = current_language()
    return {
        "lang": chosen,
        "dir": language.DIRECTIONS[chosen],
        "other_lang": language.other_language(chosen),
    }


@pass_context
def _digits(context: Context, value: object) -> str:
    return digits.to_digits(value, current_language())


@pass_context
def _number(context: Context, value: float) -> str:
    return digits.format_number(value, current_language())


@pass_context
def _percent(context: Context, share: float) -> str:
    return digits.format_percent(share, current_language())


@pass_context
def _day(context: Context, day: date) -> str:
    return dates.format_day(_local_day(day), current_language())


@pass_context
def _date(context: Context, day: date) -> str:
    return dates.format_day(_local_day(day), current_language(), weekday=False)


@pass_context
def _short_day(context: Context, day: date) -> str:
    return dates.short_day(_local_day(day), current_language())


@pass_context
def _clock(context: Context, instant: datetime) -> str:
    return dates.format_clock(instant, current_language(), current_zone())


@pass_context
def _full(context: Context, instant: datetime) -> str:
    return dates.format_full(instant, current_language(), current_zone())


@pass_context
def _moment(context: Context, instant: datetime) -> str:
    return dates.format_moment(instant, current_language(), current_zone(), current_instant())


@pass_context
def _ago(context: Context, instant: datetime) -> str:
    return dates.format_ago(instant, current_language(), current_zone(), current_instant())


@pass_context
def _due(context: Context, instant: datetime) -> str:
    return dates.format_due(instant, current_language(), current_zone(), current_instant())


@pass_context
def _duration(context: Context, length: timedelta) -> str:
    return durations.format_duration(length, current_language())


@pass_context
def _working(context: Context, length: timedelta) -> str:
    return durations.format_working(length, current_language())


@pass_context
def _left(context: Context, length: timedelta, always: bool = False) -> str:
    return durations.format_left(length, current_language(), always=always)


@pass_context
def _price(context: Context, price: Any) -> str:
    return money.format_money(price.amount, price.currency, current_language())


@pass_context
def _named(context: Context, texts: Mapping[str, str] | str | None) -> str:
    return language.pick_text(texts, current_language())


@pass_context
def _sentence(context: Context, texts: Mapping[str, str] | str | None) -> Markup:
    """A text in the reader's language, with what it quotes kept in its own direction."""
    chosen = current_language()
    return quoting.isolate_quotes(language.pick_text(texts, chosen), chosen)


@pass_context
def _codes(context: Context, text: str) -> Markup | str:
    """A hint in which Latin codes keep their direction among Persian words."""
    return quoting.isolate_codes(text) if current_language() == "fa" else text


@pass_context
def _listing(context: Context, texts: Iterable[str]) -> str:
    return ("، " if current_language() == "fa" else ", ").join(texts)


@pass_context
def _code(context: Context, value: object) -> Markup:
    """A code or number kept left to right, with the language's digits: ``<bdi dir="ltr">``."""
    return Markup('<bdi dir="ltr">{}</bdi>').format(digits.to_digits(value, current_language()))


@pass_context
def _time(context: Context, instant: datetime, style: str = "moment") -> Markup:
    """``<time>`` with the Gregorian instant for machines and the words of a style inside."""
    words = FILTERS[style](context, instant)
    local = instant.astimezone(current_zone()).isoformat(timespec="minutes")
    title = dates.format_full(instant, current_language(), current_zone())
    return Markup('<time datetime="{}" title="{}">{}</time>').format(local, title, escape(words))


def _local_day(day: date) -> date:
    return day.astimezone(current_zone()).date() if isinstance(day, datetime) else day


FILTERS: dict[str, Callable[..., Any]] = {
    "digits": _digits,
    "number": _number,
    "percent": _percent,
    "day": _day,
    "date": _date,
    "short_day": _short_day,
    "clock": _clock,
    "full": _full,
    "moment": _moment,
    "ago": _ago,
    "due": _due,
    "duration": _duration,
    "working": _working,
    "price": _price,
    "left": _left,
    "named": _named,
    "sentence": _sentence,
    "codes": _codes,
    "code": _code,
    "listing": _listing,
    "time": _time,
    "initials": names.initials,
    "tint": names.tint,
}
