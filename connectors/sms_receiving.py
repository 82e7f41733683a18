"""What a channel that receives SMS is told: who may call, its keywords, and the words by which
people ask for no more messages."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any, Literal, Protocol, runtime_checkable
from unicodedata import category, normalize

from marshmallow import Schema, ValidationError, fields, validate

from connectors.contract import Inbound, Report, told
from connectors.option_fields import text
from connectors.phones import DIGITS

STOP_WORDS = frozenset(
    {"stop", "stopall", "unsubscribe", "off", "لغو", "لغو11", "لغواشتراک", "لغوعضویت", "قطع"}
)
"""By which a person asks for no more messages, as they are after :func:`joined`."""
START_WORDS = frozenset({"start", "unstop", "on", "شروع", "وصل", "فعال"})
"""By which a person allows them again."""
STOP_NUMBER = "11"
"""What our mailings mean by «لغو۱۱»: many answer with the number alone."""
_LETTERS = str.maketrans("يىكۀ", "ییکه", "\u0640")
MOST_KEYWORDS = 200
MOST_NEW = 1000


@dataclass(frozen=True)
class Keyword:
    """What a word at the beginning of a message means: a new request of a service, or a message
    that processes wait for."""

    word: str
    kind: Literal["service", "message"]
    key: str
    data: Mapping[str, str] = field(default_factory=dict)
    """Answers to the form of the service."""


@runtime_checkable
class Fetching(Protocol):
    """A kind whose partner is asked for what came in and for what became of messages."""

    def fetch_inbound(self, options: Mapping[str, Any]) -> Sequence[Inbound]:
        """The newest messages, those known already among them; raises what ``send`` raises."""

    def fetch_report(self, id_: str, options: Mapping[str, Any]) -> Report | None:
        """What became of a message by the partner's id; None while it is on its way."""


def plain(text: str) -> str:
    """A text for comparison: digits 0 to 9, Persian letters without vowel marks, no case, no
    punctuation, single blanks; what half-spaces part is one word."""
    usual = normalize("NFKC", text[:LONGEST]).translate(DIGITS).translate(_LETTERS)
    return " ".join("".join(map(_shown, usual)).split()).casefold()


LONGEST = 4000
"""Characters of a text that are compared; keywords and wishes are shorter by far."""


def _shown(one: str) -> str:
    kind = category(one)
    if kind in ("Mn", "Me", "Cf"):
        return ""
    return " " if kind[0] in "PSC" else one


def joined(text: str) -> str:
    """The same without blanks: people write «نمی‌خواهم» with a half-space, a space or neither."""
    return plain(text).replace(" ", "")


def read_keywords(text: str) -> tuple[Keyword, ...]:
    """The keywords of lines such as ``internet = service:incident``; raises ``ValueError``."""
    found = tuple(_keywords(text))
    words = [joined(one.word) for one in found]
    if len(words) > MOST_KEYWORDS or len(words) != len(set(words)):
        raise ValueError(f"a word twice, or more than {MOST_KEYWORDS} words")
    return found


def _keywords(text: str) -> Iterator[Keyword]:
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        found = re.fullmatch(r"([^=]{1,60}?)\s*=\s*(service|message)\s*:\s*(\S.{0,199}?)\s*", line)
        if found is None or not plain(found[1]):
            raise ValueError(
                f"line {number}: expected “word = service:key” or “word = message:name”"
            )
        kind: Literal["service", "message"] = "service" if found[2] == "service" else "message"
        key, data = read_service(found[3]) if kind == "service" else (found[3], {})
        yield Keyword(plain(found[1]), kind, key, data)


def read_service(text: str) -> tuple[str, Mapping[str, str]]:
    """The key of a service and answers to its form, from ``complaint about=product``; raises
    ``ValueError``."""
    key, *pairs = text.split() or [""]
    if any("=" not in one for one in pairs):
        raise ValueError(f"after {key!r}: expected name=value")
    return key, {name: value for name, _, value in (one.partition("=") for one in pairs)}


def find_keyword(body: str, keywords: Sequence[Keyword]) -> Keyword | None:
    """The keyword that a text begins with, the longest one, wherever in it blanks are."""
    beginnings = set(accumulate(plain(body).split()[:MOST_WORDS]))
    fitting = (one for one in keywords if joined(one.word) in beginnings)
    return max(fitting, key=lambda one: len(joined(one.word)), default=None)


MOST_WORDS = 60
"""Words at the beginning of a text among which a keyword may be."""


def wish(body: str, options: Mapping[str, Any]) -> Literal["stop", "start"] | None:
    """Whether the whole text is a wish for no more messages, or for messages again."""
    said = joined(body)
    if said in STOP_WORDS | _words(options.get("stop_words", "")):
        return "stop"
    return "start" if said in START_WORDS | _words(options.get("start_words", "")) else None


def _words(text: str) -> frozenset[str]:
    return frozenset(filter(None, map(joined, re.split(r"[,،\n]", text))))


def _is_keywords(text: str) -> None:
    try:
        read_keywords(text)
    except ValueError as error:
        raise ValidationError(str(error)) from None


def _is_service(text: str) -> None:
    try:
        read_service(text)
    except ValueError as error:
        raise ValidationError(str(error)) from None


class KeywordOptions(Schema):
    """The options of every channel that receives SMS."""

    keywords = text(
        {"en": "Keywords", "fa": "کلیدواژه‌ها"},
        {
            "en": "A line for each: “word = service:KEY” opens a request, “word = "
            "message:NAME” tells the processes that wait for it. After KEY may stand "
            "answers to the form: name=value.",
            "fa": "هر کدام در یک سطر: «واژه = service:KEY» درخواست می‌سازد و «واژه = "
            "message:NAME» به فرایندهایی که منتظرش هستند خبر می‌دهد. پس از KEY می‌توان "
            "پاسخ‌های فرم را نوشت: name=value.",
        },
        most=20_000,
        check=_is_keywords,
        long=True,
    )
    service = text(
        {"en": "Service of other messages", "fa": "خدمت پیام‌های دیگر"},
        {
            "en": "A message without a keyword, from a number we know, opens a request of "
            "this service; left empty, it waits for a person.",
            "fa": "پیامی که کلیدواژه ندارد و از شماره‌ای آشنا آمده، درخواستی از این خدمت "
            "می‌سازد؛ اگر خالی بماند، منتظر بررسی می‌ماند.",
        },
        most=300,
        check=_is_service,
    )
    most_new_per_day = fields.Integer(
        load_default=MOST_NEW,
        validate=validate.Range(1, 1_000_000),
        metadata=told(
            {"en": "New messages in a day", "fa": "پیام‌های تازه در روز"},
            {
                "en": "Messages that belong to no request. Of more of them no request is opened; a "
                "person decides.",
                "fa": "پیام‌هایی که به درخواستی تعلق ندارند. بیش از این، درخواستی ساخته نمی‌شود و "
                "یک نفر تصمیم می‌گیرد.",
            },
        ),
    )
    stop_words = text(
        {"en": "More words for “no more”", "fa": "واژه‌های دیگر برای لغو"},
        {
            "en": "Besides STOP, OFF, UNSUBSCRIBE, لغو, لغو۱۱, لغو اشتراک, لغو عضویت and قطع; "
            "parted by commas.",
            "fa": "افزون بر STOP، OFF، UNSUBSCRIBE، لغو، لغو۱۱، لغو اشتراک، لغو عضویت و قطع؛ "
            "با ویرگول جدا کنید.",
        },
        most=1000,
    )
    start_words = text(
        {"en": "More words for “again”", "fa": "واژه‌های دیگر برای شروع دوباره"},
        {
            "en": "Besides START, ON, شروع, وصل and فعال; parted by commas.",
            "fa": "افزون بر START، ON، شروع، وصل و فعال؛ با ویرگول جدا کنید.",
        },
        most=1000,
    )
