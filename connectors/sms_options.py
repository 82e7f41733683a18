"""The options of a channel that sends SMS through a gateway's HTTP interface."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from connectors import contract
from connectors.contract import Texts, told
from connectors.errors import Permanent
from connectors.hook_options import HookOptions
from connectors.option_checks import is_networks, is_price
from connectors.option_fields import text
from connectors.pointers import BadPointer, steps
from connectors.sms_presets import PRESETS
from connectors.sms_presets.generic import check_places, read_lines
from connectors.sms_receiving import KeywordOptions
from connectors.transport import METHODS, read_url

GENERIC_ONLY: Texts = {
    "en": "Only for another gateway.",
    "fa": "تنها برای «سامانهٔ دیگر».",
}
_GENERIC = ("preset", "generic")


def _is_url(text: str) -> None:
    """What stands in braces is filled in later, so a plain word takes its place here."""
    try:
        check_places(text)
        if text:
            read_url(text.replace("{", "").replace("}", ""))
    except (ValueError, Permanent) as error:
        raise ValidationError(str(error)) from None


def _is_pointer(text: str) -> None:
    try:
        steps(text)
    except BadPointer as error:
        raise ValidationError(str(error)) from None


def _is_lines(text: str) -> None:
    try:
        list(read_lines(text))
    except ValueError as error:
        raise ValidationError(str(error)) from None


_PROOFS = frozenset({"authorization", "cookie", "x-api-key", "api-key", "apikey"})
_IN_PLAIN: Any = {
    "en": "Put the key into its own field, and write {key} or {password} here.",
    "fa": "کلید را در فیلد خودش بگذارید و اینجا {key} یا {password} بنویسید.",
}


def _is_headers(text: str) -> None:
    """What is written here is neither encrypted nor hidden."""
    _is_lines(text)
    for name, value in read_lines(text):
        if name.lower() in _PROOFS and "{key}" not in value and "{password}" not in value:
            raise ValidationError([_IN_PLAIN])


def _generic(label: Texts, hint: Texts | None = None, **more: Any) -> fields.String:
    both = {one: f"{GENERIC_ONLY[one]} {(hint or {}).get(one, '')}".strip() for one in ("en", "fa")}
    return text(label, both, only_with=_GENERIC, **more)


class GatewayOptions(Schema):
    """Which gateway, and who we are there."""

    preset = fields.String(
        required=True,
        validate=validate.OneOf(list(PRESETS)),
        metadata=told(
            {"en": "Gateway", "fa": "سامانهٔ پیامک"},
            choices={key: one.names for key, one in PRESETS.items()},
        ),
    )
    line = text(
        {"en": "Sender’s line", "fa": "خط فرستنده"},
        {"en": "Such as 30001234 or +15551234567.", "fa": "مانند ۳۰۰۰۱۲۳۴."},
        most=21,
    )
    key = text(
        {"en": "API key", "fa": "کلید API"},
        {"en": "Twilio: the auth token.", "fa": "در توییلیو: auth token."},
        secret=True,
    )
    user = text(
        {"en": "User name", "fa": "نام کاربری"},
        {
            "en": "MelliPayamak: the user name. Twilio: the account SID.",
            "fa": "در ملی‌پیامک نام کاربری و در توییلیو account SID.",
        },
        most=200,
    )
    password = text(
        {"en": "Password", "fa": "گذرواژه"},
        {"en": "MelliPayamak only.", "fa": "تنها در ملی‌پیامک."},
        secret=True,
    )
    when_unknown = fields.String(
        load_default="hold",
        validate=validate.OneOf(["hold", "repeat"]),
        metadata=told(
            {"en": "When nobody knows whether it was taken", "fa": "وقتی معلوم نیست گرفته شده"},
            {
                "en": "Kavenegar is asked by our own id first, which it cannot be for templates.",
                "fa": "از کاوه‌نگار نخست با شناسهٔ خودمان می‌پرسیم؛ برای الگوها نمی‌شود پرسید.",
            },
            choices={
                "hold": {"en": "Leave it to a person", "fa": "به یک نفر واگذار شود"},
                "repeat": {"en": "Send it again", "fa": "دوباره فرستاده شود"},
            },
        ),
    )
    price = fields.String(
        load_default="",
        validate=is_price,
        metadata=told(
            {"en": "Price of one part", "fa": "بهای هر بخش"},
            {"en": "Shown in previews.", "fa": "در پیش‌نمایش نشان داده می‌شود."},
        ),
    )
    currency = text(
        {"en": "Currency", "fa": "واحد پول"}, {"en": "Such as IRR.", "fa": "مانند IRR."}, most=8
    )
    poll = fields.Boolean(
        load_default=False,
        metadata=told(
            {"en": "Fetch messages and reports", "fa": "پیام‌ها و گزارش‌ها گرفته شوند"},
            {
                "en": "Every minute, for gateways that do not call us.",
                "fa": "هر دقیقه، برای سامانه‌هایی که ما را صدا نمی‌زنند.",
            },
        ),
    )
    callback = text(
        {"en": "Our own public address", "fa": "نشانی همگانی ما"},
        {
            "en": "Twilio: https://HOST/hooks/sms/CHANNEL/SECRET. It is told where reports go, and "
            "its signature is checked against this address.",
            "fa": "در توییلیو: ‎https://HOST/hooks/sms/CHANNEL/SECRET. گزارش‌ها به این نشانی "
            "می‌آیند و امضایشان با آن سنجیده می‌شود.",
        },
        check=_is_url,
        secret=True,
    )
    url = text(
        {"en": "Address", "fa": "نشانی سامانه"},
        {
            "en": "Another gateway: where messages are sent to. Else left empty, or another "
            "address of the same gateway.",
            "fa": "برای «سامانهٔ دیگر»: نشانی فرستادن. وگرنه خالی، یا نشانی دیگری از همان سامانه.",
        },
        most=1000,
        check=_is_url,
    )
    private_partners = fields.List(
        fields.String(validate=[validate.Length(max=100), is_networks]),
        load_default=list,
        validate=validate.Length(max=20),
        metadata=told(
            {"en": "Private networks", "fa": "شبکه‌های خصوصی"},
            {
                "en": "A gateway inside our own network, such as 10.1.0.5:8443.",
                "fa": "سامانه‌ای درون شبکهٔ خودمان، مانند 10.1.0.5:8443.",
            },
        ),
    )


class GenericOptions(Schema):
    """How another gateway speaks."""

    method = fields.String(
        load_default="POST",
        validate=validate.OneOf([one for one in METHODS if one in ("GET", "POST", "PUT")]),
        metadata=told({"en": "Method", "fa": "روش (Method)"}, GENERIC_ONLY, only_with=_GENERIC),
    )
    content = fields.String(
        load_default="json",
        validate=validate.OneOf(["json", "form", "query"]),
        metadata=told(
            {"en": "Fields travel", "fa": "فیلدها فرستاده می‌شوند"},
            GENERIC_ONLY,
            choices={
                "json": {"en": "as JSON", "fa": "به‌صورت JSON"},
                "form": {"en": "as a form", "fa": "به‌صورت فرم"},
                "query": {"en": "in the address", "fa": "در نشانی"},
            },
            only_with=_GENERIC,
        ),
    )
    form_fields = _generic(
        {"en": "Fields", "fa": "فیلدها"},
        {
            "en": "Lines such as “to = {to}” and “message = {text}”.",
            "fa": "سطرهایی مانند «to = {to}» و «message = {text}».",
        },
        most=5000,
        check=_is_lines,
        long=True,
    )
    headers = _generic(
        {"en": "Headers", "fa": "سرنامه‌ها"},
        {"en": "Lines such as “X-Key: {key}”.", "fa": "سطرهایی مانند «X-Key: {key}»."},
        most=5000,
        check=_is_headers,
        long=True,
    )
    id_at = _generic(
        {"en": "Where the answer has its id", "fa": "جای شناسه در پاسخ"},
        {
            "en": "Such as data.ids[0]; left empty, the whole answer is the id.",
            "fa": "مانند data.ids[0]؛ اگر خالی بماند، همهٔ پاسخ شناسه است.",
        },
        check=_is_pointer,
    )
    state_at = _generic(
        {"en": "Where it says how it went", "fa": "جای نتیجه در پاسخ"},
        {
            "en": "Left empty, the status of HTTP decides.",
            "fa": "اگر خالی بماند، کد HTTP تعیین می‌کند.",
        },
        check=_is_pointer,
    )
    accepted = _generic(
        {"en": "Values for “taken”", "fa": "مقدارهای «پذیرفته»"},
        {"en": "Such as 1, ok, true.", "fa": "مانند 1, ok, true."},
    )
    temporary = _generic({"en": "Values for “later”", "fa": "مقدارهای «بعداً»"})
    words_at = _generic(
        {"en": "Where it explains itself", "fa": "جای توضیح در پاسخ"}, check=_is_pointer
    )
    cost_at = _generic(
        {"en": "Where it tells the cost", "fa": "جای هزینه در پاسخ"}, check=_is_pointer
    )
    probe_url = _generic(
        {"en": "Address for the test", "fa": "نشانی آزمایش"},
        {"en": "Something without effect, such as the credit.", "fa": "بی‌اثر، مانند اعتبار."},
        most=1000,
        check=_is_url,
    )
    report_url = _generic(
        {"en": "Address for reports", "fa": "نشانی گزارش"},
        {"en": "With {id}.", "fa": "همراه {id}."},
        most=1000,
        check=_is_url,
    )
    report_state_at = _generic(
        {"en": "Where it has the state", "fa": "جای وضعیت"}, check=_is_pointer
    )
    delivered = _generic({"en": "Values for “delivered”", "fa": "مقدارهای «رسید»"})
    failed = _generic({"en": "Values for “not delivered”", "fa": "مقدارهای «نرسید»"})
    hook_from = _generic({"en": "Its call: sender", "fa": "فراخوانی سامانه: فرستنده"}, most=60)
    hook_to = _generic({"en": "Its call: our line", "fa": "فراخوانی سامانه: خط ما"}, most=60)
    hook_text = _generic({"en": "Its call: text", "fa": "فراخوانی سامانه: متن"}, most=60)
    hook_id = _generic({"en": "Its call: id", "fa": "فراخوانی سامانه: شناسه"}, most=60)
    hook_report_id = _generic({"en": "Its report: id", "fa": "گزارش سامانه: شناسه"}, most=60)
    hook_report_state = _generic({"en": "Its report: state", "fa": "گزارش سامانه: وضعیت"}, most=60)


class SmsHttpOptions(GenericOptions, HookOptions, KeywordOptions, GatewayOptions, contract.Options):
    """All of them. The fields of the last base come first, on the settings page as well."""

    @validates_schema
    def check_needs(self, data: Mapping[str, Any], **more: Any) -> None:
        """What the chosen gateway cannot be reached without."""
        needed = NEEDS[data["preset"]]
        missing = [name for name in needed if not data.get(name)]
        if missing:
            raise ValidationError({name: [_NEEDED] for name in missing})


_NEEDED: Any = {"en": "Needed by this gateway.", "fa": "این سامانه بی آن کار نمی‌کند."}

NEEDS: Mapping[str, tuple[str, ...]] = {
    "kavenegar": ("key",),
    "smsir": ("key",),
    "melipayamak": ("user", "password"),
    "ippanel": ("key", "line"),
    "twilio": ("user", "key"),
    "generic": ("url",),
}
"""The options that a gateway needs, by its preset."""
