"""What becomes of a message that somebody lets go out again, told before it goes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from app.models import Delivery
from app.services.bulk_sending import mailing_gate
from app.services.bulk_sending.mailing_audience import BARRED, REFUSED
from app.services.bulk_sending.mailing_gate import STOPPED
from app.services.sending import channel_gate, channels

ENDED, OFF, HELD, SOON = "ended", "off", "held", "soon"
WORDS: Mapping[str, Mapping[str, str]] = {
    SOON: {
        "en": "It is sent again in a moment.",
        "fa": "تا چند لحظهٔ دیگر دوباره فرستاده می‌شود.",
    },
    STOPPED: {
        "en": "Its mailing is stopped: it is sent again when the mailing goes on.",
        "fa": "ارسال گروهی آن متوقف است؛ هر وقت ادامه یابد، دوباره فرستاده می‌شود.",
    },
    ENDED: {
        "en": "Its mailing was cancelled for good, so it is not sent; it counts as cancelled.",
        "fa": "ارسال گروهی آن برای همیشه لغو شده است، پس فرستاده نمی‌شود و لغوشده شمرده می‌شود.",
    },
    BARRED: {
        "en": "The receiver wants nothing sent there, so it is not sent.",
        "fa": "گیرنده نمی‌خواهد چیزی به آنجا فرستاده شود، پس فرستاده نمی‌شود.",
    },
    REFUSED: {
        "en": "The receiver wants no mailings, so it is not sent.",
        "fa": "گیرنده ارسال گروهی نمی‌خواهد، پس فرستاده نمی‌شود.",
    },
    OFF: {
        "en": "Its channel is switched off: it is sent again when the channel is on.",
        "fa": "کانال آن خاموش است؛ هر وقت روشن شود، دوباره فرستاده می‌شود.",
    },
    HELD: {
        "en": "Its channel lets nothing go now: it is sent again when it does.",
        "fa": "کانال آن اکنون چیزی نمی‌فرستد؛ هر وقت بفرستد، این هم دوباره فرستاده می‌شود.",
    },
}
"""What is told of each prospect."""


def of(row: Delivery, now: datetime) -> str:
    """What becomes of a message that is to be sent again: one of ``WORDS``."""
    return _of_mailing(row) or _of_channel(row, now) or SOON


def _of_mailing(row: Delivery) -> str | None:
    if row.mailing_id is None:
        return None
    why = mailing_gate.why_not(row)
    return ENDED if why == mailing_gate.CANCELLED else why


def _of_channel(row: Delivery, now: datetime) -> str | None:
    if row.channel_id is None:
        return None
    way = channels.find_by_id(row.channel_id)
    if not way.enabled:
        return OFF
    return HELD if channel_gate.closed_until(way, now, urgent=row.urgent) else None
