"""The demo's incidents stand at different stages, their promises in every state."""

from __future__ import annotations

from flask import Flask
from sqlalchemy.orm import Session

from app.demo import incidents
from app.models import ServiceRequest
from app.services.service_levels import promises
from tests.app.services.story import instance_of, open_tasks, standing_faults
from tests.support.clock import MovingClock


def test_the_incidents_of_the_demo(session: Session, app: Flask, clock: MovingClock) -> None:
    made = incidents.load(clock())
    assert [where(one) for one in made] == [
        "lead_bridge", "await_parent", "diagnose", "diagnose", "await_partner",
        "await_confirmation", "record_problem", "match",
    ]  # fmt: skip
    assert [fault for one in made for fault in standing_faults(one)] == []
    states = {
        promise.state
        for one in made
        for promise in promises.of_request(one, clock())
        if promise.metric == "resolution"
    }
    assert {"on_track", "at_risk", "broken", "paused", "kept"} <= states


def where(request: ServiceRequest) -> str:
    """The open task, else where the process waits."""
    return next(iter(open_tasks(request)), None) or instance_of(request).tokens[0]
