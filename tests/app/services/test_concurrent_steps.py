"""Two steps of one request at the same time: the later one goes on from what the first left."""

from __future__ import annotations

from sqlalchemy import update
from sqlalchemy.orm import Session

from app.db import db
from app.models import ServiceRequest
from app.services.casework import messages
from app.services.execution import processes
from app.services.service_levels import promises
from tests.app.services.story import bring_to, do, instance_of, submit
from tests.support.clock import MovingClock


def test_a_step_sees_the_request_as_the_step_before_it_left_it(
    session: Session, clock: MovingClock
) -> None:
    request = submit(clock())
    session.commit()
    assert request.status == "open"
    with db.engine.begin() as other:
        change = update(ServiceRequest).where(ServiceRequest.id == request.id)
        other.execute(change.values(status="waiting", waits_for="customer"))

    locked = processes.lock(instance_of(request).id).request

    assert locked is request
    assert (locked.status, locked.waits_for) == ("waiting", "customer")


def test_a_step_that_waited_for_its_lock_keeps_the_promises(
    session: Session, clock: MovingClock
) -> None:
    # The customer's call came before the worker's step, which paused the clocks, was written.
    request = submit(clock())
    bring_to(request, "propose_remedy", clock())
    came = clock()
    do(request, "propose_remedy", "reza", clock.move(seconds=1))
    assert request.status == "waiting"
    paused = promises.clocks_of(request.id)
    assert "paused" in {row.state for row in paused.values()}

    customer = messages.customer_actor(request)
    messages.answer_as_customer(request, "accept", "", customer, came)

    assert request.status == "open"
    assert "paused" not in {row.state for row in promises.clocks_of(request.id).values()}
