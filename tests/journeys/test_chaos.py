"""A short chaos run; ``make chaos`` is the long one."""

from __future__ import annotations

import os
from random import SystemRandom

import pytest

from tests.chaos.run import Plan, run

pytestmark = pytest.mark.slow


def test_nothing_is_lost_at_partners_that_fail_while_parts_die(database: str) -> None:
    seed = int(os.environ.get("PEYGIR_TEST_SEED", "0")) or SystemRandom().randrange(10**6)
    print(f"PEYGIR_TEST_SEED={seed}")  # noqa: T201  # To see the same deaths again.
    plan = Plan(3, kills=3, patience=300, seed=seed, longest_wait=1, buries=True)
    score = run(plan, database)
    print(score)  # noqa: T201  # As above.
    assert score.wrong == []
