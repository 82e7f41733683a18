"""The demo's service requests stand at different stages."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.demo import service_requests
from tests.support.clock import MovingClock


def test_they_stand_at_different_stages(session: Session, clock: MovingClock) -> None:
    made = service_requests.load(clock())
    assert len(made) == 8
    assert {one.stage for one in made} == {"approval", "fulfilment", "delivery", "closed"}
    assert {one.outcome for one in made} == {None, "accepted", "refused", "withdrawn"}
    assert "customer" in {one.waits_for for one in made}
