"""SMS gateways that are opened for a test."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from connectors.contract import Order
from connectors.fake_sms import SmsGateway
from connectors.sms_http import SmsHttp
from connectors.sms_presets import PRESETS

NOW = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)
ORDER = Order("d0c1ab", NOW, {"to": "۰۹۱۲ ۱۲۳ ۴۵۶۷", "body": "شکایت شما رسید 🙂"})
KIND = SmsHttp()
ALL = list(PRESETS)


@contextmanager
def opened(preset: str, **more: Any) -> Iterator[tuple[SmsGateway, Mapping[str, Any]]]:
    with SmsGateway(preset) as gateway:
        yield gateway, KIND.Options().load(gateway.options(**more))
