"""The world of one channel and one process that calls by it."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.app.services.calling import RunJobs, World
from tests.support.clock import MovingClock
from tests.support.kinds import Partner


@pytest.fixture
def world(app: Flask, clock: MovingClock, run_jobs: RunJobs, partner: Partner) -> World:
    return World(app, clock, run_jobs)
