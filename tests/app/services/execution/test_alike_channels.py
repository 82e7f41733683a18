"""Faults that are alike but for their channel: apart in lists, counts and orders."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert, text

from app.models import Delivery
from app.services.execution import alike
from app.services.execution.alike import Deed, MoreMeanwhile, Place
from connectors.errors import Permanent
from tests.app.services.calling import RunJobs, World, bare
from tests.app.services.story import actor
from tests.support.application import transaction_of
from tests.support.clock import MovingClock
from tests.support.kinds import Partner
from tests.support.statements import rows_read


@pytest.fixture
def world(app: Flask, clock: MovingClock, run_jobs: RunJobs, partner: Partner) -> World:
    """Two runs whose step went out by "bees", after one by "birds", and the same trouble."""
    found = World(app, clock, run_jobs)
    partner.script = [Permanent("no")] * 3
    for key, many in (("birds", 1), ("bees", 2)):
        found.channel(key=key, names={"en": key.title(), "fa": key.title()})
        for _ in range(many):
            found.go(bare("parrot"))
            clock.move(minutes=1)
    return found


def listed(world: World, **which: str) -> list[tuple[str | None, str, int]]:
    with transaction_of(world.app):
        found = alike.list_groups(actor("maryam"), **which)
        return [(one.place.channel, one.kind, one.count) for one in found]


def test_each_channel_has_a_line_and_a_count_of_its_own(world: World) -> None:
    assert listed(world) == [("birds", "parrot", 1), ("bees", "parrot", 2)]
    assert listed(world, channel="bees") == [("bees", "parrot", 2)]
    assert listed(world, kind="parrot", channel="birds") == [("birds", "parrot", 1)]
    assert listed(world, kind="parrot") == listed(world)
    assert listed(world, kind="smtp") == listed(world, channel="wasps") == []


def test_an_order_reaches_those_of_its_channel_or_all(world: World) -> None:
    with transaction_of(world.app):
        [first, _] = alike.list_groups(actor("maryam"))
        place, deed = first.place, Deed("retry")
        assert alike.order(place, deed, 1, actor("maryam")) == 1
        of_all = Place(place.process, place.element, place.code)
        assert alike.count_of(of_all, actor("maryam")) == 3
        assert alike.count_of(Place(*of_all_facts(place), ""), actor("maryam")) == 0
        with pytest.raises(MoreMeanwhile):
            alike.order(of_all, deed, 2, actor("maryam"))


def of_all_facts(place: Place) -> tuple[str, str, str]:
    return place.process, place.element, place.code


def test_the_page_and_the_api_narrow_the_list(
    world: World, login: Callable[..., FlaskClient], api: Callable[[str], FlaskClient]
) -> None:
    page = login("maryam").get("/faults?channel=bees", headers={"Accept-Language": "en"})
    assert "2 alike" in page.text
    assert "channel=bees" in page.text
    assert "channel=birds" not in page.text
    none = login("maryam").get("/faults?kind=smtp", headers={"Accept-Language": "en"})
    assert "No faults of this kind" in none.text
    told = api("maryam").get("/api/v1/faults?channel=birds").get_json()["items"]
    assert [(one["channel"], one["kind"], one["count"]) for one in told] == [("birds", "parrot", 1)]


def test_the_channel_of_a_fault_is_found_without_reading_what_else_was_sent(world: World) -> None:
    fact = {
        "channel": "email", "recipient": "a@b.example", "recipient_name": "", "language": "en",
        "subject": "", "body": "", "state": "accepted", "attempts": 1, "urgent": False,
        "may_have_arrived": False, "created_at": world.clock(),
    }  # fmt: skip
    with transaction_of(world.app) as session:
        session.execute(insert(Delivery), [{**fact, "reference": f"r{n}"} for n in range(500)])
        session.execute(text("ANALYZE delivery"))
        assert rows_read(session, alike._GROUPS) < 100
