"""Who acts in the stories of this folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask

from connectors import outbox
from tests.journeys.pages import Desk, Person, customer_of, sign_in
from tests.journeys.program import Api, Jobs, Program
from tests.journeys.story import Case, submit_on_portal


@pytest.fixture
def desk(csrf_app: Flask) -> Desk:
    """``desk("sara")`` is Sara before her browser, signed in; pages refuse forged forms."""
    return lambda login: sign_in(csrf_app, login)


@pytest.fixture
def customer(csrf_app: Flask) -> Callable[[str], Person]:
    """``customer("fa")`` is a customer before a browser that speaks this language."""

    return lambda language: customer_of(csrf_app, language)


@pytest.fixture
def complaint(customer: Callable[[str], Person], run_jobs: Callable[[], int], desk: Desk) -> Case:
    """A complaint that an English customer has submitted and that we have acknowledged."""
    case = submit_on_portal(customer("en"), desk, run_jobs)
    run_jobs()
    return case


@pytest.fixture
def letters(data: Path) -> Callable[[], list[str]]:
    """``letters()`` gives the subjects of the letters of this test, the oldest first."""
    folder = data / "outbox"
    before = {entry.delivery_id for entry in outbox.entries(folder, 10_000)}

    def read() -> list[str]:
        newest_first = outbox.entries(folder, 10_000)
        return [one.subject for one in newest_first if one.delivery_id not in before][::-1]

    return read


@pytest.fixture
def program(api: Api, run_jobs: Jobs) -> Program:
    """A partner's program that has submitted a complaint."""
    made = Program(api, run_jobs)
    made.submit()
    return made
