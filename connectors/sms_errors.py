"""What SMS gateways refuse, in the families of :mod:`connectors.errors`."""

from __future__ import annotations

from connectors.errors import Permanent, Transient, Unknown


class BadNumber(Permanent):
    """This is no telephone number that a message can be sent to."""

    persian = "این شماره، شمارهٔ تلفنی نیست که بتوان به آن پیامک فرستاد."
    default_code = "bad_number"
    health = "unknown"


class Blocked(Permanent):
    """The person or the operator has blocked such messages."""

    persian = "گیرنده یا اپراتور این گونه پیامک‌ها را بسته است."
    default_code = "blocked"


class BadText(Permanent):
    """The gateway does not send such a text."""

    persian = "سامانهٔ پیامک چنین متنی را نمی‌فرستد."
    default_code = "bad_text"


class BadLine(Permanent):
    """The sender’s line is wrong or not ours to use."""

    persian = "خط فرستنده نادرست است یا اجازهٔ فرستادن از آن را نداریم."
    default_code = "bad_line"


class BadPattern(Permanent):
    """The gateway has no such template, or its parameters do not fit."""

    persian = "سامانهٔ پیامک چنین الگویی ندارد، یا مقدارهای الگو با آن نمی‌خواند."
    default_code = "bad_pattern"


class NoCredit(Transient):
    """The account at the gateway has no credit; the message is tried again."""

    persian = "حساب سامانهٔ پیامک اعتبار ندارد؛ پیامک دوباره فرستاده می‌شود."
    default_code = "no_credit"


class Throttled(Transient):
    """The gateway asks for fewer messages at a time; the message is tried again."""

    persian = "سامانهٔ پیامک می‌خواهد کندتر بفرستیم؛ پیامک دوباره فرستاده می‌شود."
    default_code = "throttled"
    health = "well"


class NotNow(Transient):
    """The gateway asks to come again later; the message is tried again."""

    persian = "سامانهٔ پیامک می‌خواهد دیرتر بفرستیم؛ پیامک دوباره فرستاده می‌شود."
    default_code = "not_now"
    health = "well"


class NotUnderstood(Unknown):
    """The gateway answered something that cannot be read, so it may have taken the message."""

    persian = "پاسخ سامانهٔ پیامک خوانده نشد؛ شاید پیامک را گرفته باشد."
    default_code = "not_understood"
    health = "well"
