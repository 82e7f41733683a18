"""Fixtures for every test; what each one gives is told in ``tests/support``."""

from __future__ import annotations

from itertools import chain

import pytest
from hypothesis import HealthCheck, settings

# The same examples each time, and no limit by the clock on the wall: what others do on the machine
# decides nothing. `pytest --hypothesis-profile=default` looks for new ones.
settings.register_profile(
    "steady", deadline=None, derandomize=True, database=None,
    suppress_health_check=[HealthCheck.too_slow],
)  # fmt: skip
settings.load_profile("steady")

pytest_plugins = [
    "tests.support.dovecot",
    "tests.support.database",
    "tests.support.application",
    "tests.support.browsing",
    "tests.support.processes",
    "tests.support.kinds",
]


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Lets two processes begin with the long tests: one with those of the browser, one with the
    others. Short ones are left for the end, when whoever is done takes over from the other."""
    if not hasattr(config, "workerinput"):
        return
    kinds: tuple[list[pytest.Item], ...] = ([], [], [])
    for item in items:
        in_browser = item.get_closest_marker("browser") is not None
        is_long = item.get_closest_marker("slow") is not None
        kinds[0 if in_browser else 1 if is_long else 2].append(item)
    browsing, long, short = kinds
    first = max(0, (len(items) + 1) // 2 - len(browsing))
    items[:] = chain(browsing, short[:first], long, short[first:])
