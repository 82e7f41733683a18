"""A customer at the portal, without JavaScript: what a page's form holds is what is sent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from lxml import html
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.access import SYSTEM
from app.models import User, UserTask
from app.services.accounts import people
from app.services.deployment import definitions
from app.services.desk import tasks
from tests.support.application import transaction_of

DIAGRAM = Path(__file__).parent / "small-complaint.bpmn"

ABOUT = {"subject": "Fridge still warm", "description": "Two repairs, and it does not cool."}
WHAT = {"data.about": "product"}
CONTACT = {"customer.name": "Maryam Rezaei", "customer.email": "maryam@example.com"}
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 100


@dataclass
class Customer:
    """One browser: opens pages, fills the page's main form, sends it."""

    client: FlaskClient
    answer: TestResponse | None = None
    page: Any = None
    _address: str = field(default="")

    def open(self, path: str, **how: Any) -> Customer:
        return self._read(self.client.get(path, **how))

    def _read(self, answer: TestResponse) -> Customer:
        self.answer = answer
        # Large uploads lie in a file that the test client leaves open.
        answer.request.environ["wsgi.input"].close()
        if answer.status_code in (302, 303):
            return self._read(self.client.get(answer.location))
        self.page = html.fromstring(answer.get_data(as_text=True))
        return self

    @property
    def status(self) -> int:
        assert self.answer is not None
        return self.answer.status_code

    @property
    def text(self) -> str:
        """What is to be read on the page."""
        return " ".join(self.page.text_content().split())

    @property
    def heading(self) -> str:
        return str(self.page.xpath("normalize-space(//h1)"))

    def form(self, part: str) -> Any:
        """The form whose address holds that part."""
        return self.page.xpath(f"//form[contains(@action, '{part}')]")[0]

    def send(self, part: str = "/services/", **fields: Any) -> Customer:
        """Sends a form of the page: its fields as they stand, changed by these."""
        form = self.form(part)
        given = fields.pop("given", {}) | fields
        inputs = [(name, value) for name, value in form.form_values() if name not in given]
        data: dict[str, Any] = {}
        for name, value in [*inputs, *given.items()]:
            data.setdefault(name, [])
            data[name].extend(value if isinstance(value, list) else [value])
        return self._read(
            self.client.post(form.get("action"), data=data, content_type="multipart/form-data")
        )

    def next(self, **given: Any) -> Customer:
        """Answers one page of questions and goes on."""
        return self.send(given={"go": "on", **given.pop("given", {}), **given})

    @property
    def code(self) -> str:
        """The tracking code on the page that says it has arrived."""
        return str(self.page.xpath("string(//*[@class='promise-big mb-2']/bdi)"))


@pytest.fixture
def process(app: Flask) -> None:
    """The small complaint process, deployed."""
    with transaction_of(app):
        definitions.deploy(
            DIAGRAM.name, DIAGRAM.read_bytes(), SYSTEM, app.extensions["peygir.now"]()
        )


@pytest.fixture
def customer(process: None, client: FlaskClient) -> Customer:
    """A customer who reads English and has sent nothing yet."""
    client.set_cookie("lang", "en")
    return Customer(client)


@pytest.fixture
def sent(customer: Customer) -> Customer:
    """A customer whose complaint has arrived; ``sent.code`` is the tracking code."""
    customer.open("/portal/services/complaint")
    for given in (ABOUT, WHAT, {}, {}, CONTACT):
        customer.next(given=given)
    assert customer.heading == "We have received your request", customer.text
    return customer


@pytest.fixture
def staff_step(app: Flask) -> Callable[..., None]:
    """``staff_step()``: Sara, or who is named, completes the open task."""

    def complete(login: str = "sara") -> None:
        with transaction_of(app) as session:
            task = session.scalars(select(UserTask).where(UserTask.state == "open")).one()
            user = session.scalars(select(User).where(User.login == login)).one()
            actor = people.actor_of(user)
            tasks.complete(task.id, {}, actor, app.extensions["peygir.now"](), language="en")

    return complete
