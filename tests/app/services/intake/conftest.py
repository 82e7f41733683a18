"""A mailbox that receives, and a request of the customer who writes to it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from app.models import (
    ServiceRequest,
)
from app.services.casework import requests
from app.services.casework.customers import Contact
from app.services.intake import mail_intake
from app.services.intake.incoming import Outcome
from app.services.intake.mail_intake import Fetched
from app.services.sending import (
    channels,
)
from connectors.mail_reading import read
from tests.app.services.intake.mail_story import (
    CUSTOMER,
    MARYAM,
    open_box,
)
from tests.support.clock import MovingClock


@pytest.fixture
def box(session: Session, clock: MovingClock) -> channels.Opened:
    return open_box(clock)


@pytest.fixture
def request_(session: Session, clock: MovingClock, box: channels.Opened) -> ServiceRequest:
    """A complaint of Maryam's."""
    submission = requests.Submission(
        "complaint", "Fridge", "It is warm.", Contact("Maryam", email=MARYAM), {"about": "product"}
    )
    made = requests.submit(submission, CUSTOMER, clock(), channel="portal", language="en")
    session.flush()
    return made


@pytest.fixture
def take(session: Session, clock: MovingClock, box: channels.Opened) -> Callable[..., Outcome]:
    """``take(raw)`` receives a mail, each under the next number of the mailbox."""
    uids = iter(range(1, 1000))

    def receive(raw: bytes, uid: int | None = None, within: channels.Opened = box) -> Outcome:
        fetched = Fetched(7, uid or next(uids), raw)
        outcome = mail_intake.take(fetched, read(raw), within, clock())
        session.flush()
        return outcome

    return receive
