"""What can go wrong in the domain; the edges alone know how each is shown or coded.

The docstring of a class is its message in English; ``message(language)`` gives it in the
reader's language. No class here knows HTTP: ``app/api/problems.py`` and ``app/web/errors.py``
map classes to status codes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any


class PeygirError(Exception):
    """The request could not be carried out."""

    fa = "این کار انجام نشد."

    def __init__(self, **facts: Any) -> None:
        self.facts: dict[str, Any] = facts
        super().__init__(self.message("en"))

    def message(self, language: str) -> str:
        """The sentence for a reader of ``fa`` or ``en``, with this error's facts filled in."""
        text = self.fa if language == "fa" else (type(self).__doc__ or "")
        return text.format_map(_Facts(self.facts))


class _Facts(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "?"


_NUMBER = re.compile(r"(?<![\w-])[0-9]+(?![\w-])")
"""A number by itself; the digits of a name or of ``R-000001`` are left as they are."""
_PERSIAN = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")


def _in_persian(number: re.Match[str]) -> str:
    return number[0].translate(_PERSIAN)


class NotFound(PeygirError):
    """There is nothing here under that number or address."""

    fa = "چیزی با این شماره یا نشانی پیدا نشد."


class NoSuch(NotFound):
    """There is no {en}."""

    fa = "{fa} پیدا نشد."

    def __init__(self, en: str, fa: str) -> None:
        """What was looked for, in each language: ``task 9`` and ``کار 9``."""
        super().__init__(en=en, fa=_NUMBER.sub(_in_persian, fa))


class Forbidden(PeygirError):
    """You may not see or do this."""

    fa = "اجازهٔ دیدن یا انجام این کار را ندارید."


class NotSignedIn(PeygirError):
    """Sign in first."""

    fa = "نخست وارد شوید."


class WrongCredentials(PeygirError):
    """The name or the password is not right."""

    fa = "نام کاربری یا گذرواژه درست نیست."


class TooManyAttempts(PeygirError):
    """Too many attempts; try again in {minutes} minutes."""

    fa = "تلاش‌ها بیش از اندازه بود؛ {minutes} دقیقهٔ دیگر دوباره بیازمایید."


class Invalid(PeygirError):
    """Some fields need a correction."""

    fa = "چند فیلد باید درست شود."

    def __init__(self, errors: Mapping[str, Sequence[str]], **facts: Any) -> None:
        self.errors = {field: list(messages) for field, messages in errors.items()}
        super().__init__(**facts)

    def __str__(self) -> str:
        """The sentence with each field, for logs and the command line."""
        fields = "; ".join(f"{name}: {' '.join(told)}" for name, told in self.errors.items())
        return f"{self.message('en')} {fields}"


class Conflict(PeygirError):
    """Somebody changed this meanwhile; nothing of yours was carried out."""

    fa = "در این میان کسی این را تغییر داده است؛ چیزی از کار شما انجام نشد."


class TaskTaken(Conflict):
    """{holder} has already claimed this task."""

    fa = "{holder} این کار را پیش از شما برعهده گرفته است."


class TaskNotYours(Conflict):
    """Claim this task first; only its owner may complete it."""

    fa = "نخست این کار را برعهده بگیرید؛ تنها مسئول کار می‌تواند آن را انجام دهد."


class TaskClosed(Conflict):
    """This task is already finished; nothing was changed."""

    fa = "این کار پیش‌تر پایان یافته است؛ چیزی تغییر نکرد."


class TaskDone(TaskClosed):
    """You have completed this task already. Nothing was changed."""

    fa = "شما این کار را پیش‌تر انجام داده‌اید. چیزی تغییر نکرد."


class Excluded(Forbidden):
    """You handled this case before, so another person must review it."""

    fa = "شما پیش‌تر به این پرونده رسیدگی کرده‌اید؛ باید کس دیگری آن را بررسی کند."


class OperationRefused(Conflict):
    """{en}"""

    fa = "{fa}"


class RequestClosed(Conflict):
    """This request is closed; open a new one to go on."""

    fa = "این درخواست بسته شده است؛ برای ادامه درخواست تازه‌ای ثبت کنید."


class KeyReused(PeygirError):
    """This Idempotency-Key was used for a different request."""

    fa = "این کلید یکتایی پیش‌تر برای درخواست دیگری به کار رفته است."


class DeploymentRefused(PeygirError):
    """The file would run wrongly, so it was not deployed; see each finding."""

    fa = "این فایل درست اجرا نمی‌شد، پس منتشر نشد؛ هر ایراد در زیر آمده است."

    def __init__(self, findings: Sequence[Any], **facts: Any) -> None:
        self.findings = tuple(findings)
        super().__init__(**facts)


class TooLarge(PeygirError):
    """The file is larger than {limit} MB."""

    fa = "حجم فایل از {limit} مگابایت بیشتر است."


class UnsupportedFile(PeygirError):
    """Files of this kind are not accepted; send a picture, PDF, text, audio or Word file."""

    fa = "این گونه فایل پذیرفته نیست؛ عکس، PDF، متن، صدا یا فایل Word بفرستید."
