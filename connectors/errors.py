"""What may go wrong on the way to the other side, in three families.

The family decides what happens next: :class:`Transient` is tried again, :class:`Permanent` is
given up at once, :class:`Unknown` is never repeated blindly. The first line of a class's
docstring is its English message; ``persian`` is the same in Persian.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Any, ClassVar, Literal

Health = Literal["ill", "well", "unknown"]
"""What a failure tells of the partner: it is ``ill`` for everybody (not to be reached, out of
time, down), it is ``well`` and the trouble is this call's alone, or it was never asked."""


class DeliveryFailed(Exception):  # Its family is named for what happened.
    """The message could not be delivered."""

    persian: ClassVar[str] = "پیام فرستاده نشد."
    default_code: ClassVar[str] = "failed"

    health: Health = "ill"
    """Only a failure that shows that the partner is ill closes the channel to others."""

    may_have_acted = False
    """Whether the other side may have done it all the same, such as a server that failed afterwards
    or one whose answer was not believed. It is asked, where it can be, before it hears it again,
    and hears it under the same reference."""

    result: Mapping[str, Any] = MappingProxyType({})
    """JSON values for a diagram that catches it, such as the parts of a fault; no secrets."""

    def __init__(self, detail: str = "", *, code: str | None = None) -> None:
        self.detail = detail
        """What the other side said, in its own words; never holds a secret."""
        self.code = code or self.default_code
        """A stable word for rows and translations, such as ``smtp_550``."""
        super().__init__(self.text("en"))

    def text(self, language: str) -> str:
        """One sentence in ``fa`` or ``en``, followed by the detail where there is one."""
        english = (inspect.getdoc(type(self)) or "").partition("\n")[0]
        if language == "fa":
            return f"{self.persian} {_quoted(self.detail)}" if self.detail else self.persian
        return f"{english} ({self.detail})" if self.detail else english


def in_persian(told: str) -> str | None:
    """What a delivery failure said in English, in Persian; None for other words."""
    for kind in _kinds(DeliveryFailed):
        english = kind().text("en")
        if told.startswith(english):
            detail = told.removeprefix(english).strip()
            detail = detail[1:-1] if detail[:1] + detail[-1:] == "()" else detail
            return f"{kind.persian} {_quoted(detail)}" if detail else kind.persian
    return None


def _quoted(detail: str) -> str:
    """The other side's words within a Persian sentence; pages give what is quoted a direction of
    its own, or its brackets and numbers would change places."""
    return f"«{detail.replace('«', '‹').replace('»', '›')}»"


def _kinds(kind: type[DeliveryFailed]) -> Iterator[type[DeliveryFailed]]:
    yield kind
    for narrower in kind.__subclasses__():
        yield from _kinds(narrower)


class Transient(DeliveryFailed):
    """The other side could not take the message now; it will be tried again."""

    persian = "گیرنده اکنون پیام را نپذیرفت؛ دوباره فرستاده می‌شود."
    default_code = "transient"

    def __init__(
        self, detail: str = "", *, code: str | None = None, retry_after: timedelta | None = None
    ) -> None:
        super().__init__(detail, code=code)
        self.retry_after = retry_after
        """How long the other side asked us to wait, if it did."""


class Permanent(DeliveryFailed):
    """The other side refused the message for good."""

    persian = "گیرنده پیام را برای همیشه رد کرد."
    default_code = "permanent"
    health: Health = "well"


class Unknown(DeliveryFailed):
    """Nobody can tell whether the other side took the message."""

    persian = "معلوم نیست پیام به گیرنده رسیده است یا نه."
    default_code = "unknown"
    may_have_acted = True


class NotConnected(Transient):
    """The server could not be reached, or the talk with it broke off before the message."""

    persian = "به سرور دسترسی نبود، یا ارتباط پیش از فرستادن پیام بریده شد."
    default_code = "not_connected"


class NotAdmitted(Transient):
    """The server did not let us in: check its address, user name, password and encryption."""

    persian = "سرور اجازهٔ ورود نداد: نشانی، نام کاربری، گذرواژه و رمزنگاری را بررسی کنید."
    default_code = "not_admitted"


class NotTrusted(NotAdmitted):
    """The server's certificate is not trusted: check its name, its dates and who signed it."""

    persian = "به گواهی سرور اعتمادی نیست: نام، تاریخ و امضاکنندهٔ آن را بررسی کنید."


class NoEncryption(NotAdmitted):
    """The server offers no STARTTLS: check its port, or choose another encryption."""

    persian = "سرور STARTTLS ندارد: پورت را بررسی کنید یا رمزنگاری دیگری برگزینید."


class NotTls(NotAdmitted):
    """What answers there speaks no TLS that we know: check its port and the encryption."""

    persian = "آنچه پاسخ می‌دهد TLS شناخته‌ای ندارد: پورت و رمزنگاری را بررسی کنید."


class BadAddress(Permanent):
    """This is not an e-mail address that mail can be sent to."""

    persian = "این نشانی، نشانی ایمیل درستی نیست."
    default_code = "bad_address"
    health: Health = "unknown"


class BadHeader(Permanent):
    """A header of the message holds a line break or another control character."""

    persian = "در سرنامهٔ پیام نشانهٔ شکست خط یا نویسهٔ کنترلی هست."
    default_code = "bad_header"
    health: Health = "unknown"


class LostReply(Unknown):
    """The whole message was sent, but the server's reply to it never came."""

    persian = "پیام کامل فرستاده شد، ولی پاسخ سرور نرسید."
    default_code = "lost_reply"


class NotAnswered(Transient):
    """The request was sent, but no whole answer came; it may be repeated, so it will be."""

    persian = "درخواست فرستاده شد، ولی پاسخ کامل نرسید؛ چون تکرارش مجاز است، دوباره فرستاده می‌شود."
    default_code = "no_answer"
    may_have_acted = True


class BadReply(Transient):
    """The other side answered with something else than what was agreed."""

    persian = "طرف مقابل پاسخی داد که با قرار نمی‌خواند."
    default_code = "bad_reply"
    may_have_acted = True
    health: Health = "well"


class ReplyTooLarge(Permanent):
    """The other side took the request, but its answer is larger than allowed."""

    persian = "طرف مقابل درخواست را گرفت، ولی پاسخش بزرگ‌تر از اندازهٔ مجاز است."
    default_code = "reply_too_large"
    may_have_acted = True


class BadInput(Permanent):
    """What the process gave cannot be sent to this partner."""

    persian = "آنچه فرایند داده است را نمی‌توان برای این طرف فرستاد."
    default_code = "bad_input"
    health: Health = "unknown"
