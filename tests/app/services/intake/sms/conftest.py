"""A line that takes texts, and a request of the customer who writes to it."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.models import ServiceRequest
from app.services.intake import sms_intake
from app.services.intake.incoming import Outcome
from app.services.sending import channels
from connectors.contract import Inbound
from tests.app.services.intake.sms.texts import MARYAM, Take, open_line, submit
from tests.support.clock import MovingClock


@pytest.fixture
def line(session: Session, clock: MovingClock) -> channels.Opened:
    return open_line(clock)


@pytest.fixture
def take(session: Session, clock: MovingClock, line: channels.Opened) -> Take:
    """``take("text")`` receives a text of Maryam's, each under the next id of the gateway."""
    ids = iter(range(1, 1000))

    def receive(body: str, sender: str = MARYAM, **more: Any) -> Outcome | None:
        id_ = more.pop("id", str(next(ids)))
        within = more.pop("within", line)
        outcome = sms_intake.take(within, Inbound(id_, sender, "10004346", body, **more), clock())
        session.flush()
        return outcome

    return receive


@pytest.fixture
def request_(session: Session, clock: MovingClock) -> ServiceRequest:
    return submit(session, clock)
