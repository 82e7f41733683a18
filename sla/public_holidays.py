"""The public holidays of a country, as the ``holidays`` package knows or estimates them.

Loading the package takes a tenth of a second and 17 MB, so it is loaded when a calendar first
asks. Each year of a country is worked out once for the whole program.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sla.strict import Wrong

if TYPE_CHECKING:
    from holidays import HolidayBase

_PERSIAN_DIGITS = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")
_BETWEEN = "; "
"""What stands between the names of holidays that fall on one day."""


@dataclass(frozen=True)
class Holiday:
    """Why a day is off."""

    names: Mapping[str, str]
    """In Persian and English."""
    estimated: bool = False
    """Whether the day is reckoned beforehand and the moon may yet move it."""


@dataclass(frozen=True)
class Country:
    """Whose public holidays a calendar keeps."""

    code: str
    """ISO 3166: ``IR``, ``GB``."""
    subdivision: str = ""
    """``ENG``; empty for the whole country."""
    categories: tuple[str, ...] = ()
    """``public``, ``bank`` ...; empty for the country's public holidays."""
    persian: Mapping[str, str] = field(default_factory=dict, hash=False)
    """Persian names by the English ones, where the package has none."""

    def is_off(self, day: date) -> bool:
        """Tell whether the day is a holiday of the country."""
        return day in self._estimates(day.year)

    def holiday(self, day: date) -> Holiday | None:
        """Return the day's names in both languages, or None on another day.

        A name without a Persian one is given in English, and one without an English one in the
        country's own language.
        """
        estimated = self._estimates(day.year).get(day)
        if estimated is None:
            return None
        own = _named(self.code, self.subdivision, self.categories, day.year, "")[day]
        english = _named(self.code, self.subdivision, self.categories, day.year, "en").get(day, own)
        persian = _named(self.code, self.subdivision, self.categories, day.year, "fa").get(day)
        fa, en = persian or self._in_persian(_bare(english)), _bare(english)
        fa = _bare(fa).replace(_BETWEEN, "؛ ").translate(_PERSIAN_DIGITS)
        return Holiday({"fa": fa, "en": en}, estimated)

    def _estimates(self, year: int) -> Mapping[date, bool]:
        return _estimates(self.code, self.subdivision, self.categories, year)

    def _in_persian(self, english: str) -> str:
        return "؛ ".join(self.persian.get(name, name) for name in english.split(_BETWEEN))


def check_country(code: str, subdivision: str, categories: tuple[str, ...]) -> None:
    """Raise :class:`Wrong` unless the package knows these."""
    known = _known()
    if code not in known:
        raise Wrong(f"{code[:20]!r} is no country such as IR", f"کشور {code[:20]!r} شناخته نیست")
    kind = _kind(code)
    if subdivision and subdivision not in kind.subdivisions:
        raise Wrong(
            f"{subdivision[:20]!r} is no part of {code}",
            f"{subdivision[:20]!r} بخشی از {code} نیست",
        )
    for one in categories:
        if one not in kind.supported_categories:
            words = ", ".join(kind.supported_categories)
            raise Wrong(
                f"{one[:20]!r} is none of: {words}", f"{one[:20]!r} جزو این‌ها نیست: {words}"
            )


@lru_cache(maxsize=1)
def _known() -> frozenset[str]:
    import holidays

    return frozenset(holidays.list_supported_countries(include_aliases=False))


def _bare(name: str) -> str:
    """Take away the marks that say of a name that its day is estimated."""
    return name.replace(" (estimated)", "").replace(" (تخمینی)", "")


def _kind(code: str) -> Any:
    import holidays

    return getattr(holidays, code)


@lru_cache(maxsize=2048)
def _estimates(
    code: str, subdivision: str, categories: tuple[str, ...], year: int
) -> Mapping[date, bool]:
    """The holidays of a year, each with whether all that falls on it is estimated."""
    days = _year(code, subdivision, categories, year, None)
    sign = str(getattr(days, "estimated_label", "")).replace("%s", "").strip()
    return {
        day: bool(sign) and all(sign in name for name in names.split(_BETWEEN))
        for day, names in days.items()
    }


@lru_cache(maxsize=512)
def _named(
    code: str, subdivision: str, categories: tuple[str, ...], year: int, language: str
) -> Mapping[date, str]:
    """Names by day in a language of the package that begins so; empty when it has none."""
    spoken = sorted(_kind(code).supported_languages) if language else []
    found = [one for one in spoken if one.split("_")[0] == language]
    if language and not found:
        return {}
    return dict(_year(code, subdivision, categories, year, found[-1] if found else None).items())


def _year(
    code: str, subdivision: str, categories: tuple[str, ...], year: int, language: str | None
) -> HolidayBase:
    import holidays

    return holidays.country_holidays(
        code,
        subdiv=subdivision or None,
        years=year,
        expand=False,
        # Without one, the package takes that of the machine.
        language=language or _kind(code).default_language,
        categories=categories or None,
    )
