"""Settings that only the rooms can judge: whether their values are ones they work with."""

from __future__ import annotations

import connectors
import sla
from app.config import Settings, SettingsError
from app.services.casework import catalogue


def check_settings(settings: Settings) -> None:
    """Raises :class:`SettingsError`, naming the variable, when a room would refuse its value.

    Asked at the start, since the first letter or the first promise would be a late moment to
    find out.
    """
    _check_catalogue()
    _check_calendar(settings.calendar)
    _check_sender(settings.mail_from)
    if settings.smtp_url is not None:
        _check_smtp(settings.smtp_url)


def _check_catalogue() -> None:
    try:
        catalogue.services()
        catalogue.categories()
    except sla.SettingsRefused as error:
        where = ": ".join(filter(None, (error.file, error.key)))
        told = f"{where}: {error.messages['en']} / {error.messages['fa']}"
        raise SettingsError(f"The catalogue cannot be used: {told}") from error


def _check_calendar(key: str) -> None:
    known = sla.calendars()
    if key not in known:
        names = ", ".join(sorted(known))
        raise SettingsError(f"PEYGIR_CALENDAR cannot be used: {key!r} is not one of {names}")


def _check_sender(text: str) -> None:
    try:
        connectors.address(text)
    except connectors.BadAddress as error:
        raise SettingsError(
            f"PEYGIR_MAIL_FROM cannot be used: {text!r} is not an e-mail address"
        ) from error


def _check_smtp(url: str) -> None:
    try:
        connectors.smtp.smtp_server(url)
    except ValueError as error:
        raise SettingsError(f"PEYGIR_SMTP_URL cannot be used: {error}") from error
