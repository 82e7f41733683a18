"""Looks for what dead workers have left behind, as long as this one counts as living."""

from __future__ import annotations

import asyncio
import logging

from flask import Flask
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from app import jobs
from app.db import transaction
from app.services.execution import taking
from app.takers import Takers

log = logging.getLogger(__name__)

SILENCE = 15.0
"""Seconds without a heartbeat after which a worker counts as dead."""
EVERY = 5.0
"""Seconds between two looks."""


async def look_while_registered(app: Flask, takers: Takers) -> bool:
    """Take up what the dead leave; true when this worker was struck off, and not by itself as one
    does that was asked to end."""
    known: set[int] = set()
    while await asyncio.to_thread(look, app, takers.worker, known):
        await asyncio.sleep(EVERY)
    return not takers.are_ending


def look(app: Flask, me: int, known: set[int]) -> bool:
    """Take up what the dead have left; ``known`` are the dead who are accounted for. Whether this
    worker, if it has a number yet, still counts as living."""
    try:
        with app.app_context(), transaction():
            if me and not jobs.is_registered(me):
                return False
        with app.app_context(), transaction():
            rescued = jobs.rescue(SILENCE)
        with app.app_context(), transaction():
            taken = taking.give_back(SILENCE, me)
            dead = jobs.silent_workers(SILENCE) - {me}
            suspects = taking.set_first_apart() if dead - known else []
    except (DBAPIError, PoolTimeout) as error:
        # The worker itself ends when the database is gone for good; a hiccup may pass.
        log.warning("could not look for abandoned jobs: %s", getattr(error, "orig", error))
        return True
    except Exception:  # The edge: else nobody would look for what the dead have left any more.
        log.exception("could not look for abandoned jobs")
        return True
    known |= dead
    for job in rescued:
        log.warning("job %s was abandoned by a dead worker; it is taken up again", job)
    for job in taken:
        log.warning("service job %s was abandoned by a dead worker; it is taken up again", job)
    if suspects:
        log.warning("service jobs %s may have brought a worker down", suspects)
    return True
