"""The options of a channel that sends and takes webhooks."""

from __future__ import annotations

from marshmallow import Schema, ValidationError, fields

from connectors import signing
from connectors.contract import told
from connectors.hook_options import HookOptions
from connectors.http_way import WayOptions
from connectors.option_checks import is_url_or_empty, matches
from connectors.option_fields import text


def _is_secrets(text: str) -> None:
    try:
        signing.read_secrets(text)
    except ValueError as error:
        raise ValidationError(str(error)) from None


class _Partner(Schema):
    """Where messages go, and how we prove who we are."""

    url = text(
        {"en": "Address of the partner", "fa": "نشانی طرف مقابل"},
        {
            "en": "Often it holds a secret itself. Left empty, the channel only receives.",
            "fa": "اغلب خودش رازی در بر دارد. اگر خالی بماند، کانال تنها دریافت می‌کند.",
        },
        most=1000,
        check=is_url_or_empty,
        secret=True,
    )
    secrets = text(
        {"en": "Secrets for signing", "fa": "رازهای امضا"},
        {
            "en": "whsec_…, the newest first, parted by blanks; each signs, so a secret can be "
            "replaced without a gap.",
            "fa": "‎whsec_…، تازه‌ترین نخست، با فاصله؛ همه امضا می‌کنند تا راز بی‌وقفه عوض شود.",
        },
        most=1000,
        check=_is_secrets,
        secret=True,
    )


class _Calls(Schema):
    """What a partner may tell us, and how it proves itself."""

    hook_signing = text(
        {"en": "Secrets that the partner signs with", "fa": "رازهای امضای طرف مقابل"},
        {
            "en": "whsec_…; with these every call must be signed by Standard Webhooks.",
            "fa": "‎whsec_…؛ با آن‌ها هر فراخوانی باید به شیوهٔ Standard Webhooks امضا شده باشد.",
        },
        most=1000,
        check=_is_secrets,
        secret=True,
    )
    messages = text(
        {"en": "Messages that may come", "fa": "پیام‌هایی که می‌توانند بیایند"},
        {
            "en": "Names of message events, parted by blanks: what “type” may be. Left empty, "
            "nothing is let in.",
            "fa": "نام رویدادهای پیام، با فاصله: آنچه «type» می‌تواند باشد. اگر خالی بماند، "
            "چیزی پذیرفته نمی‌شود.",
        },
        most=2000,
        check=matches(
            r"[^\[\]{}\"',;،؛]*",
            en="Write the names of messages with blanks between them, without commas, quotation "
            "marks or brackets.",
            fa="نام پیام‌ها را با فاصله بنویسید، بی ویرگول، گیومه و کروشه.",
        ),
    )
    key_field = fields.String(
        load_default="key",
        validate=matches(
            r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+){0,9}",
            en="Write a name, or names with dots between them, such as data.order.id.",
            fa="یک نام، یا چند نام با نقطه بنویسید، مانند data.order.id.",
        ),
        metadata=told(
            {"en": "Where a call has the correlation key", "fa": "جای کلید تطبیق در فراخوانی"},
            {
                "en": "A name in its JSON, or several joined by points, such as data.order.id.",
                "fa": "نامی در JSON آن، یا چند نام با نقطه، مانند data.order.id.",
            },
        ),
    )


class WebhookOptions(WayOptions, _Calls, HookOptions, _Partner):
    """The same, and after it how patiently the partner is called and who is trusted."""
