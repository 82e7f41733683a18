"""Requests are similar by what is known of them, never by what is known of neither."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from app.access import SYSTEM
from app.models import ServiceRequest
from app.services.casework import assets, problems, similar
from tests.app.services.story import submit
from tests.support.clock import MovingClock


def of(clock: MovingClock, topic: str | None, asset_id: int | None = None) -> ServiceRequest:
    request = submit(clock())
    similar.categorise(request, topic, asset_id)
    return request


def new_asset(clock: MovingClock) -> int:
    names = {"fa": "چاپگر", "en": "Printer"}
    return assets.add(names, "printer", "low", clock()).id


@pytest.mark.parametrize("topic", ["network", None])
def test_what_is_known_of_neither_makes_nothing_alike(
    session: Session, clock: MovingClock, topic: str | None
) -> None:
    of(clock, "mail")
    of(clock, None)
    closed = of(clock, None)
    closed.status = "closed"
    closed.closed_at = clock()
    problems.create({"en": "Mail"}, SYSTEM, clock(), workaround={"en": "Wait."}, topic="mail")
    problems.create({"en": "Any"}, SYSTEM, clock(), workaround={"en": "Wait."})
    request = of(clock, topic)
    about = similar.categorise(request, topic, None)
    assert similar.still_open(request, about) == []
    assert problems.known_errors(about) == []
    assert not similar.came_before(request, about, clock())


def test_one_of_both_is_enough(session: Session, clock: MovingClock) -> None:
    asset = new_asset(clock)
    by_topic, by_asset = of(clock, "mail"), of(clock, None, asset)
    cause = problems.create(
        {"en": "Printer"}, SYSTEM, clock(), workaround={"en": "Wait."}, asset_id=asset
    )
    request = of(clock, "mail", asset)
    about = similar.categorise(request, "mail", asset)
    assert similar.still_open(request, about) == [by_topic, by_asset]
    assert problems.known_errors(about) == [cause]
    by_asset.status, by_asset.closed_at = "closed", clock()
    session.flush()
    assert similar.came_before(request, about, clock())
