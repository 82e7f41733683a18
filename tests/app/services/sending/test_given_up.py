"""What was given up counts until somebody has settled it."""

from __future__ import annotations

import pytest
from flask import Flask

from app.models import Delivery
from app.services.execution import faults
from app.services.sending import delivery_lists, given_up
from connectors.errors import Permanent
from tests.app.services.calling import RunJobs, World, bare, diagram
from tests.app.services.story import actor
from tests.support.application import transaction_of
from tests.support.clock import MovingClock
from tests.support.kinds import Partner


@pytest.fixture
def world(app: Flask, clock: MovingClock, run_jobs: RunJobs, partner: Partner) -> World:
    found = World(app, clock, run_jobs)
    partner.script = [Permanent("no")]
    found.channel()
    return found


def counts(world: World) -> tuple[int, int, int]:
    """Letters and calls as the doctor counts them, then both as the page counts them."""
    with transaction_of(world.app):
        letters, calls = given_up.count(world.clock())
        return letters, calls, given_up.by_state(delivery_lists.which())["dead"].number


@pytest.mark.parametrize("how", ["retry", "skip", "cancel"])
def test_a_call_leaves_the_count_with_its_fault(world: World, how: str) -> None:
    world.go(bare("parrot"))
    assert counts(world) == (0, 1, 1)
    with transaction_of(world.app):
        [fault] = faults.of_instance(world.instance_id)
        if how == "retry":
            faults.retry(fault.id, {}, actor("admin"), world.clock())
        elif how == "skip":
            faults.skip(fault.id, {}, actor("admin"), world.clock())
        else:
            faults.cancel(fault.id, actor("admin"), world.clock(), reason="over")
    assert counts(world) == (0, 0, 0)


def test_what_the_diagram_goes_on_from_is_settled(world: World) -> None:
    world.go(diagram("parrot"))
    assert counts(world) == (0, 0, 0)


def test_what_no_fault_stands_for_is_told_of_for_a_week(world: World) -> None:
    with transaction_of(world.app) as session:
        session.add(
            Delivery(
                reference="r", channel="email", recipient="a@example.com", recipient_name="",
                language="en", subject="", body="", state="dead", created_at=world.clock(),
            )
        )  # fmt: skip
    assert counts(world) == (1, 0, 1)
    world.clock.move(seconds=given_up.TOLD_FOR.total_seconds() + 1)
    assert counts(world) == (0, 0, 1)
