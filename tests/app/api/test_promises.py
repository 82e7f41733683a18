"""Promises as the API shows them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from app.api.schemas.promises import PromiseSchema, show
from app.services.service_levels.standing import Standing

DUE = datetime(2026, 11, 22, 9, 30, 0, 125, tzinfo=timezone(timedelta(hours=3, minutes=30)))
RUNNING = Standing(
    metric="answer",
    names={"fa": "پاسخ", "en": "Answer"},
    state="on_track",
    due_at=DUE,
    stopped_at=None,
    remaining=timedelta(hours=3, seconds=1, microseconds=5),
    target=timedelta(days=2),
    calendar="iran@3",
)


@pytest.mark.parametrize(
    "one",
    [
        RUNNING,
        replace(RUNNING, state="broken", remaining=-timedelta(minutes=1, microseconds=1)),
        replace(RUNNING, state="paused", due_at=None, waits_for=("waits:customer", "hold")),
        replace(RUNNING, state="kept", stopped_at=DUE.astimezone(UTC), remaining=None),
        replace(RUNNING, names={}, calendar="", target=timedelta(0)),
    ],
)
def test_a_promise_is_shown_as_its_schema_says(one: Standing) -> None:
    assert list(show(one).items()) == list(PromiseSchema().dump(one).items())
