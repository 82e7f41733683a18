"""Fixtures for every test; what each one gives is told in ``tests/support``."""

pytest_plugins = [
    "tests.support.dovecot",
    "tests.support.database",
    "tests.support.application",
    "tests.support.browsing",
    "tests.support.processes",
    "tests.support.kinds",
]
