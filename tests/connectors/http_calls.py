"""Calls by the kind ``http`` to a partner that lies."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.contract import Answer, Order
from connectors.http import Http
from connectors.lying_http import LyingPartner

ORDER = Order("a1b2c3", datetime(2026, 11, 22, tzinfo=UTC), {"path": "orders"})
HTTP = Http()


@pytest.fixture
def partner() -> Iterator[LyingPartner]:
    with LyingPartner() as running:
        yield running


def options(partner: LyingPartner, **more: Any) -> dict[str, Any]:
    given = {"base_url": partner.url + "/api", "private_partners": ["127.0.0.1"], "timeout": 20}
    loaded: dict[str, Any] = HTTP.Options().load({**given, **more})
    return loaded


def send(partner: LyingPartner, inputs: Any = None, **more: Any) -> Answer:
    order = replace(ORDER, inputs={"path": "orders", **(inputs or {})})
    return HTTP.send(order, options(partner, **more))
