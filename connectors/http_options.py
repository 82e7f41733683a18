"""The options of a channel that calls a partner by HTTP."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, validates_schema

from connectors import contract
from connectors.errors import BadHeader, Permanent
from connectors.identity_options import IdentityOptions
from connectors.option_checks import is_url, is_url_or_empty
from connectors.option_fields import choice, text
from connectors.transport import IDEMPOTENT, METHODS, SAFE, Request, checked_headers, read_url

REPEATS: Mapping[str, frozenset[str]] = {
    "never": frozenset(),
    "safe": SAFE,
    "idempotent": IDEMPOTENT,
    "always": frozenset(METHODS),
}
"""Which methods may be sent again when nobody knows what became of them."""
_NEEDS: Mapping[str, tuple[str, ...]] = {
    "none": (),
    "basic": ("user",),
    "bearer": ("token",),
    "api_key": ("api_key_name", "api_key"),
    "oauth2": ("token_url", "client_id", "client_secret"),
}
_LINE = re.compile(r"\s*([^:\s]+)\s*:\s*(.*?)\s*")


def read_lines(text: str) -> dict[str, str]:
    """Headers as people write them, one ``Name: value`` a line; raises ``BadHeader``."""
    found = {}
    for line in filter(str.strip, text.splitlines()):
        parts = _LINE.fullmatch(line)
        if parts is None:
            raise BadHeader(ascii(line.partition(":")[0])[:60])
        found[parts[1]] = parts[2]
    return found


_NO_QUERY: Any = {
    "en": "Write it without “?”; calls bring their own queries.",
    "fa": "بی «?» بنویسید؛ هر فراخوانی پرسمان خود را می‌آورد.",
}
_SECRET: Any = {
    "en": "What proves who we are belongs into the secret fields.",
    "fa": "آنچه ما را می‌شناساند جایش در فیلدهای محرمانه است.",
}
_NEEDED: Any = {"en": "Needed for this way of access.", "fa": "برای این روش ورود لازم است."}
_PLAIN: Any = {
    "en": "Only plain Latin letters, digits and signs.",
    "fa": "تنها حروف، رقم و نشانهٔ لاتین بنویسید.",
}


def _is_base(text: str) -> None:
    is_url(text)
    if "?" in read_url(text).target:
        raise ValidationError([_NO_QUERY])


def _is_headers(text: str) -> None:
    try:
        found = checked_headers(Request("GET", "", read_lines(text)))
    except Permanent as error:
        raise ValidationError(str(error)) from None
    if {"authorization", "cookie"} & {name.lower() for name in found}:
        raise ValidationError([_SECRET])


def _is_header_name(text: str) -> None:
    if text:
        _is_headers(f"{text}: x")


class _Partner(contract.Options):
    """Where the partner is, who we are there, and what may be repeated."""

    base_url = text(
        {"en": "Address", "fa": "نشانی"},
        {
            "en": "A diagram chooses only the path under it, never another host.",
            "fa": "نمودار تنها مسیرِ زیرِ آن را برمی‌گزیند، نه میزبان دیگری را.",
        },
        most=1000,
        check=_is_base,
        required=True,
    )
    auth = choice(
        {"en": "Who we are", "fa": "شناساندن ما"},
        {
            "none": {"en": "Nothing is said", "fa": "چیزی گفته نمی‌شود"},
            "basic": {"en": "User name and password", "fa": "نام کاربری و گذرواژه"},
            "bearer": {"en": "A fixed token", "fa": "توکن ثابت"},
            "api_key": {"en": "A key", "fa": "کلید"},
            "oauth2": {
                "en": "OAuth 2.0, client credentials",
                "fa": "OAuth 2.0 (client credentials)",
            },
        },
    )
    user = text({"en": "User name", "fa": "نام کاربری"}, most=200)
    password = text({"en": "Password", "fa": "گذرواژه"}, secret=True)
    token = text({"en": "Token", "fa": "توکن"}, most=8000, secret=True)
    api_key_name = text(
        {"en": "Name of the key", "fa": "نام کلید"},
        {"en": "Such as X-API-Key.", "fa": "مانند X-API-Key."},
        most=100,
    )
    api_key_in = choice(
        {"en": "Place of the key", "fa": "جای کلید"},
        {
            "header": {"en": "Header", "fa": "سرایند"},
            "query": {"en": "Query of the address", "fa": "پرس‌وجوی نشانی"},
        },
    )
    api_key = text({"en": "Key", "fa": "کلید"}, most=2000, secret=True)
    token_url = text(
        {"en": "Address for tokens", "fa": "نشانی گرفتن توکن"}, most=1000, check=is_url_or_empty
    )
    client_id = text({"en": "Client id", "fa": "شناسهٔ کارخواه"})
    client_secret = text({"en": "Client secret", "fa": "راز کارخواه"}, most=2000, secret=True)
    client_in = choice(
        {"en": "Client is named in", "fa": "جای شناسهٔ کارخواه"},
        {
            "header": {"en": "Header (Basic)", "fa": "سرایند (Basic)"},
            "body": {"en": "Form", "fa": "فرم"},
        },
    )
    scope = text({"en": "Scope", "fa": "دامنهٔ دسترسی (scope)"}, most=1000)
    audience = text({"en": "Audience", "fa": "مخاطب توکن (audience)"})
    headers = text(
        {"en": "Headers of every call", "fa": "سرایندهای هر فراخوانی"},
        {"en": "One “Name: value” a line; no secrets.", "fa": "هر خط یک «نام: مقدار»؛ بدون راز."},
        most=4000,
        check=_is_headers,
        long=True,
    )
    kept_headers = text(
        {"en": "Headers of the answer to keep", "fa": "سرایندهای پاسخ که نگه داشته می‌شوند"},
        {"en": "Names parted by blanks.", "fa": "نام‌ها با فاصله."},
        default="location etag x-request-id",
    )
    idempotency_header = text(
        {"en": "Header for our reference", "fa": "سرایند شمارهٔ ما"},
        {
            "en": "The same over all attempts, so that the partner can drop copies.",
            "fa": "در همهٔ تلاش‌ها یکی است تا طرف مقابل تکراری‌ها را کنار بگذارد.",
        },
        most=100,
        check=_is_header_name,
        default="Idempotency-Key",
    )
    repeats = choice(
        {"en": "May be repeated when no answer came", "fa": "اگر پاسخ نرسید، تکرار شود؟"},
        {
            "safe": {"en": "What only reads (GET)", "fa": "آنچه تنها می‌خواند (GET)"},
            "idempotent": {"en": "GET, PUT and DELETE", "fa": "GET و PUT و DELETE"},
            "always": {
                "en": "Everything: the partner drops copies",
                "fa": "همه: طرف مقابل تکراری‌ها را کنار می‌گذارد",
            },
            "never": {"en": "Nothing: a person decides", "fa": "هیچ: یک نفر تصمیم می‌گیرد"},
        },
    )


class HttpOptions(IdentityOptions, _Partner):
    """The same, and after it how patiently the partner is called and who is trusted."""

    @validates_schema
    def check_auth(self, data: dict[str, Any], **_: Any) -> None:
        """What the chosen way to say who we are needs must be there, and fit into a header."""
        missing = [name for name in _NEEDS[data["auth"]] if not data[name]]
        if missing:
            raise ValidationError({name: [_NEEDED] for name in missing})
        if data["auth"] == "api_key" and data["api_key_in"] == "header":
            _check_key(data["api_key_name"])
        for name in ("token", "api_key"):
            if not data[name].isascii() or not data[name].isprintable():
                raise ValidationError({name: [_PLAIN]})


def _check_key(name: str) -> None:
    try:
        checked_headers(Request("GET", "", {name: "x"}))
    except Permanent as error:
        raise ValidationError({"api_key_name": [str(error)]}) from None
