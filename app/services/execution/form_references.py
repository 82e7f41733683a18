"""Answers that name a record by its number: it must be there, and open to who names it.

A form says so by the property ``refers_to`` of a text field: ``asset``, ``problem``, ``request``,
``request:SERVICE`` for a request of that service alone, or ``user`` for the login of a colleague.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

import forms
from app.access import MANAGER, STAFF
from app.db import session
from app.i18n import pick_text
from app.models import ServiceRequest, User
from app.services.casework import assets, catalogue, links, problems, requests

_MISSING = {
    "asset": ("There is no asset with this number.", "دارایی‌ای با این شماره نیست."),
    "problem": ("There is no problem with this number.", "مشکلی با این شماره نیست."),
    "user": ("No colleague has this user name.", "همکاری با این نام کاربری نیست."),
    "request": ("There is no other request with this number.", "درخواست دیگری با این شماره نیست."),
}
_OTHER_SERVICE = (
    "This request is not of the service “{service}”.",
    "این درخواست از خدمت «{service}» نیست.",
)


def check(
    form: forms.Form, answers: Mapping[str, Any], about: ServiceRequest | None, language: str
) -> dict[str, list[str]]:
    """What is wrong with the numbers among the answers, by field. Of a confidential request
    nothing is told to a case with other readers, not even that it is there."""
    wrong = {}
    for field in form.fields:
        number = answers.get(field.key)
        if field.refers_to and isinstance(number, str) and number.strip():
            told = _wrong_with(field.refers_to, number, about)
            if told:
                en, fa = told
                wrong[field.key] = [fa if language == "fa" else en]
    return wrong


def _wrong_with(
    refers_to: str, number: str, about: ServiceRequest | None
) -> tuple[str, str] | None:
    kind, _, service = refers_to.partition(":")
    if kind == "asset":
        return None if assets.by_number(number) else _MISSING[kind]
    if kind == "problem":
        return None if problems.by_number(number) else _MISSING[kind]
    if kind == "user":
        return None if _is_colleague(number) else _MISSING[kind]
    tidy = requests.tidy_number(number)
    found = session().scalar(select(ServiceRequest).where(ServiceRequest.number == tidy))
    if found is None or (about and (found.id == about.id or not links.may_tell(found, about))):
        return _MISSING["request"]
    if service and found.service != service:
        names = catalogue.find(service).names
        en, fa = _OTHER_SERVICE
        return en.format(service=pick_text(names, "en")), fa.format(service=pick_text(names, "fa"))
    return None


def _is_colleague(login: str) -> bool:
    working = User.is_active & User.roles.overlap([STAFF, MANAGER])
    return session().scalar(select(User.id).where(User.login == login, working)) is not None
