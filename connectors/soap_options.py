"""The options of a channel that calls a partner by SOAP."""

from __future__ import annotations

import json
from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from connectors.contract import told
from connectors.identity_options import IdentityOptions
from connectors.option_checks import is_url_or_empty
from connectors.option_fields import choice, text
from connectors.pem import read_pem

EVERY = "*"


def read_names(text: str) -> frozenset[str]:
    """Names parted by commas or white space."""
    return frozenset(text.replace(",", " ").replace("،", " ").split())


def read_headers(text: str) -> dict[str, Any]:
    """The values of header elements, from JSON; raises ``ValueError``."""
    found = json.loads(text) if text.strip() else {}
    if not isinstance(found, dict):
        raise ValueError("no context")  # noqa: TRY004  # As json.loads raises for no JSON at all.
    return found


def _is_pem(kind: str) -> Any:
    def check(text: str) -> None:
        if text.strip() and f"{kind}-----" not in read_pem(text):
            raise ValidationError(_NO_PEM)

    return check


def _is_headers(text: str) -> None:
    try:
        read_headers(text)
    except (ValueError, RecursionError):
        raise ValidationError(_NO_JSON) from None


_NO_PEM: Any = {
    "en": ["This is not PEM (-----BEGIN …-----)."],
    "fa": ["این PEM نیست (-----BEGIN …-----)."],
}
_NO_JSON: Any = {
    "en": ["A JSON object is expected."],
    "fa": ["یک شیء JSON لازم است."],
}
_MISSING: Any = {
    "en": ["Needed for this way of access."],
    "fa": ["برای این روش ورود لازم است."],
}


class SoapOptions(IdentityOptions):
    """Which operations there are, where, who we are there, and what may be repeated."""

    wsdl = fields.String(
        load_default="",
        validate=validate.Regexp(r"([0-9a-f]{64})?$"),
        metadata=told(
            {"en": "WSDL", "fa": "WSDL"},
            {
                "en": "Uploaded or fetched once, and kept.",
                "fa": "یک بار فرستاده یا دریافت و نگه داشته می‌شود.",
            },
            document=True,
        ),
    )
    address = text(
        {"en": "Address", "fa": "نشانی"},
        {"en": "Left empty, that of the WSDL.", "fa": "اگر خالی بماند، نشانی درون WSDL."},
        most=1000,
        check=is_url_or_empty,
    )
    port = text(
        {"en": "Port of the WSDL", "fa": "درگاه (port) در WSDL"},
        {
            "en": "Left empty, the first, SOAP 1.1 before 1.2.",
            "fa": "اگر خالی بماند نخستین درگاه؛ SOAP 1.1 پیش از 1.2.",
        },
        most=300,
    )
    auth = choice(
        {"en": "Who we are", "fa": "شناساندن ما"},
        {
            "none": {"en": "Nothing is said", "fa": "چیزی گفته نمی‌شود"},
            "digest": {
                "en": "WS-Security: user name and digest of the password",
                "fa": "WS-Security: نام کاربری و چکیدهٔ گذرواژه",
            },
            "text": {
                "en": "WS-Security: user name and password",
                "fa": "WS-Security: نام کاربری و گذرواژه",
            },
            "basic": {"en": "HTTP Basic", "fa": "HTTP Basic"},
        },
    )
    user = text({"en": "User name", "fa": "نام کاربری"}, most=300)
    password = text({"en": "Password", "fa": "گذرواژه"}, most=300, secret=True)
    headers = text(
        {"en": "Values of SOAP headers", "fa": "مقدار سرایندهای SOAP"},
        {
            "en": 'A JSON object by the names of the WSDL, such as {"AuthHeader": {"Token": "…"}}.',
            "fa": 'شیء JSON با نام‌های WSDL، مانند {"AuthHeader": {"Token": "…"}}.',
        },
        most=10_000,
        check=_is_headers,
        secret=True,
    )
    signing_key = text(
        {"en": "Key that signs our calls", "fa": "کلید امضای فراخوانی‌های ما"},
        {
            "en": "A private key in PEM without a password; needs the extra “wssecurity”.",
            "fa": "کلید خصوصی PEM بدون گذرواژه؛ افزونهٔ «wssecurity» لازم است.",
        },
        most=20_000,
        check=_is_pem("PRIVATE KEY"),
        secret=True,
        long=True,
    )
    signing_certificate = text(
        {"en": "Certificate of that key", "fa": "گواهی آن کلید"},
        {"en": "In PEM.", "fa": "به‌شکل PEM."},
        most=20_000,
        check=_is_pem("CERTIFICATE"),
        long=True,
    )
    partner_certificate = text(
        {"en": "Certificate with which the partner signs", "fa": "گواهی امضای طرف مقابل"},
        {
            "en": "In PEM. With it only answers are believed that are signed by it.",
            "fa": "به‌شکل PEM. اگر باشد، تنها پاسخی پذیرفته می‌شود که با آن امضا شده باشد.",
        },
        most=20_000,
        check=_is_pem("CERTIFICATE"),
        long=True,
    )
    old_answers = choice(
        {"en": "Signed answers that may be old", "fa": "پاسخ امضاشده‌ای که شاید کهنه باشد"},
        {
            "refused": {"en": "Are refused", "fa": "پذیرفته نمی‌شود"},
            "believed": {"en": "Are believed", "fa": "پذیرفته می‌شود"},
        },
        {
            "en": "A signed answer must say when it was written (Timestamp) or which call it "
            "answers (RelatesTo), else somebody may send an earlier one again. Believe others only "
            "where a partner signs neither.",
            "fa": "پاسخ امضاشده باید بگوید کی نوشته شده (Timestamp) یا پاسخ کدام فراخوانی است "
            "(RelatesTo)، وگرنه می‌توان پاسخی پیشین را دوباره فرستاد. تنها اگر طرف مقابل هیچ‌کدام "
            "را امضا نمی‌کند، بپذیرید.",
        },
    )
    addressing = choice(
        {"en": "WS-Addressing", "fa": "WS-Addressing"},
        {
            "none": {"en": "No", "fa": "نه"},
            "1.0": {"en": "1.0 (2005/08)", "fa": "1.0 (2005/08)"},
        },
    )
    reference_field = text(
        {"en": "Field that takes our reference", "fa": "فیلدی که شمارهٔ ما را می‌گیرد"},
        {
            "en": "Filled in where an operation has it; the same over all attempts.",
            "fa": "در هر عملیاتی که آن را دارد پر می‌شود؛ در همهٔ تلاش‌ها یکی است.",
        },
        most=300,
        default="clientRequestId",
    )
    repeatable = text(
        {"en": "Operations that are safe to repeat", "fa": "عملیاتی که تکرارشان بی‌خطر است"},
        {
            "en": "Names parted by blanks, or * for all: they only read, or the partner drops "
            "copies by our reference.",
            "fa": "نام‌ها با فاصله، یا * برای همه: فقط می‌خوانند، یا طرف مقابل تکراری‌ها را با "
            "شمارهٔ ما کنار می‌گذارد.",
        },
        most=2000,
    )
    status_operation = text(
        {"en": "Operation that finds a call by our reference", "fa": "عملیات پیگیری با شمارهٔ ما"},
        {
            "en": "Asked when no answer came, before a call is sent again.",
            "fa": "وقتی پاسخ نرسیده است، پیش از فرستادن دوباره پرسیده می‌شود.",
        },
        most=300,
    )
    status_answer = text(
        {"en": "Its output that tells it was found", "fa": "خروجی آن که نشان یافتن است"},
        {
            "en": "Empty, null or false means not found; left empty, the first output.",
            "fa": "خالی، تهی یا نادرست یعنی یافت نشد؛ اگر خالی بماند، نخستین خروجی.",
        },
        most=300,
    )
    status_unknown = text(
        {"en": "Its fault codes that mean not found", "fa": "کد خطاهای آن که یعنی یافت نشد"},
        {
            "en": "Codes or subcodes parted by blanks; every other fault leaves it open.",
            "fa": "کدها یا زیرکدها با فاصله؛ هر خطای دیگری موضوع را باز می‌گذارد.",
        },
        most=300,
    )
    server_faults = choice(
        {"en": "Faults of the partner’s own", "fa": "خطاهای خود طرف مقابل"},
        {
            "again": {"en": "Are tried again", "fa": "دوباره امتحان شود"},
            "final": {"en": "Are final", "fa": "نهایی است"},
        },
        {
            "en": "Server or Receiver, as the standard says; some services send them for every "
            "refusal.",
            "fa": "Server یا Receiver، چنان‌که استاندارد می‌گوید؛ بعضی سرویس‌ها برای هر رد کردنی "
            "همین را می‌فرستند.",
        },
    )

    @validates_schema
    def check_access(self, data: dict[str, Any], **_: Any) -> None:
        """A way to say who we are needs a user; a key and its certificate need each other."""
        if data["auth"] != "none" and not data["user"]:
            raise ValidationError({"user": [_MISSING]})
        if bool(data["signing_key"]) != bool(data["signing_certificate"]):
            lacking = "signing_key" if data["signing_certificate"] else "signing_certificate"
            raise ValidationError({lacking: [_MISSING]})
