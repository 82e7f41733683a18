"""The lint knows just the functions that the product gives to diagrams."""

from __future__ import annotations

from datetime import UTC, datetime

import sla
from app.services.service_levels import working_time
from bpmn.functions import FUNCTIONS


def test_the_lint_knows_the_functions_that_diagrams_are_given() -> None:
    calendar = next(iter(sla.calendars().values()))
    now = datetime(2026, 3, 21, tzinfo=UTC)
    assert set(working_time.functions_of(calendar, now)) == FUNCTIONS
