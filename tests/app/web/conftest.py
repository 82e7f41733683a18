"""Requests at known stages, and members of staff before their browsers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from lxml import html

from app.models import ServiceRequest, UserTask
from tests.app.services import story
from tests.support.application import transaction_of
from tests.support.clock import MovingClock


@dataclass(frozen=True)
class Case:
    """A request and the task that waits in it."""

    number: str
    task_id: int
    request_id: int

    @property
    def task(self) -> str:
        """The address of the task's page."""
        return f"/tasks/{self.task_id}"

    @property
    def page(self) -> str:
        """The address of the request's page."""
        return f"/requests/{self.number}"


Submit = Callable[..., Case]


@pytest.fixture
def submit(app: Flask, clock: MovingClock) -> Submit:
    """``submit("assess", subject=...)`` brings a new complaint to the task of that element."""

    def bring(element: str = "assess", **changes: Any) -> Case:
        with transaction_of(app):
            request: ServiceRequest = story.submit(clock(), language="en", **changes)
            task: UserTask = story.bring_to(request, element, clock())
            return Case(request.number, task.id, request.id)

    return bring


@pytest.fixture
def case(submit: Submit) -> Case:
    """A complaint that waits for its assessment by the group intake."""
    return submit()


def read(answer: Any) -> Any:
    """The page of an answer, parsed."""
    return html.fromstring(answer.get_data(as_text=True))


def said(answer: Any) -> str:
    """What is to be read in the main part of the page."""
    main = read(answer).xpath("//main")[0]
    return " ".join(main.text_content().split())


def row_ids(client: FlaskClient, view: str) -> list[int]:
    """The tasks in a view of the inbox, in its order."""
    page = read(client.get(f"/?view={view}"))
    return [int(row.get("data-id")) for row in page.xpath("//li[@data-id]")]
