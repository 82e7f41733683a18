"""Closures from a calendar feed: fetched once, when somebody asks for it, outside transactions."""

from __future__ import annotations

from app.db import end_reading, require_no_transaction
from app.errors import Invalid
from connectors import transport
from connectors.errors import DeliveryFailed

MOST = 2 * 1024 * 1024
"""Bytes of a feed."""
_LIMITS = transport.Limits(connect=5, wait=10, total=20, most=MOST)


def fetch(url: str, language: str | None) -> bytes:
    """The bytes behind an https address of the public internet; nothing is followed.

    Raises Invalid (``feed_url``) with what is wrong in the reader's language.
    """
    require_no_transaction()
    english = language == "en"
    if not url.lower().startswith("https://"):
        fa = "نشانی باید با https:// آغاز شود"
        raise _wrong("The address must begin with https://", fa, english=english)
    # The partner may take its time; no reading transaction stays open for as long.
    end_reading()
    headers = {"accept": "text/calendar, */*;q=0.1"}
    request = transport.Request("GET", url, headers, limits=_LIMITS, repeat=True)
    try:
        reply = transport.fetch(request)
    except DeliveryFailed as failure:
        raise Invalid({"feed_url": [failure.text("en" if english else "fa")]}) from None
    if reply.status != _OK:
        told = f"The server answered {reply.status} in place of a calendar"
        raise _wrong(told, f"پاسخ سرور به جای تقویم {reply.status} بود", english=english)
    return reply.body


_OK = 200


def _wrong(en: str, fa: str, *, english: bool) -> Invalid:
    return Invalid({"feed_url": [en if english else fa]})
