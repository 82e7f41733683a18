"""People before their browsers, without JavaScript: what a page's form holds is what is sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from lxml import html

from tests.support.cast import PASSWORD

DIGITS = str.maketrans("۰۱۲۳۴۵۶۷۸۹", "0123456789")


@dataclass
class Person:
    """One browser: reads pages, follows links, sends the forms that it finds on them."""

    client: FlaskClient
    page: Any = None
    status: int = 0
    path: str = field(default="")

    def open(self, path: str) -> Person:
        """Goes to this address, and on where it leads."""
        return self._read(path, self.client.get(path))

    def send(self, part: str, **answers: Any) -> Person:
        """Sends the form whose address holds this part, its fields changed by these answers."""
        return self.send_form(self.form(part), answers)

    def send_form(self, form: Any, answers: Mapping[str, Any], action: str = "") -> Person:
        """Sends one form of the page, perhaps to the address of one of its other buttons."""
        missing = [name for name in answers if name not in form.fields and name not in ASKED_LATER]
        assert not missing, f"{missing} is not on the page, only {sorted(form.fields.keys())}"
        data: dict[str, Any] = {}
        kept = [(name, value) for name, value in form.form_values() if name not in answers]
        for name, value in [*kept, *answers.items()]:
            data.setdefault(name, []).extend(value if isinstance(value, list) else [value])
        target = action or form.get("action")
        answer = self.client.post(target, data=data, content_type="multipart/form-data")
        return self._read(target, answer)

    def form(self, part: str) -> Any:
        """The form whose address holds this part."""
        found = self.page.xpath(f"//form[contains(@action, '{part}')]")
        assert found, f"no form for {part} on this page: {self.text}"
        return found[0]

    def has_form(self, part: str) -> bool:
        """Whether the page offers this."""
        return bool(self.page.xpath(f"//form[contains(@action, '{part}')]"))

    def _read(self, path: str, answer: Any) -> Person:
        # Uploads lie in a file that the test client leaves open.
        answer.request.environ["wsgi.input"].close()
        if answer.status_code in (302, 303):
            return self.open(answer.location)
        self.status, self.path = answer.status_code, path
        self.page = html.fromstring(answer.get_data(as_text=True))
        return self

    @property
    def text(self) -> str:
        """What is to be read on the page."""
        parts = self.page.xpath("//body//text()[not(ancestor::script)]")
        return " ".join(" ".join(parts).split())

    @property
    def heading(self) -> str:
        return str(self.page.xpath("normalize-space(//h1)"))

    def value(self, name: str) -> str:
        """What stands in the field of this name."""
        found = self.page.xpath(f"//form[contains(@action, '/complete')]//*[@name='{name}']")
        return str(found[0].value or "").strip() if found else ""


ASKED_LATER = frozenset({"go", "files"})
"""The names of buttons, and of files, which no form holds as fields."""


class Staff(Person):
    """A member of staff at the desk."""

    def inbox(self, view: str = "group") -> dict[str, str]:
        """What waits in this view: the step by the number of its request."""
        self.open(f"/?view={view}")
        rows = self.page.xpath("//main//li[@data-id]")
        return {_number(row): _step(row) for row in rows}

    def task(self, number: str, view: str = "group") -> Staff:
        """Opens the task of that request as the inbox offers it."""
        self.open(f"/?view={view}")
        rows = [row for row in self.page.xpath("//main//li[@data-id]") if _number(row) == number]
        assert rows, f"{number} does not wait here: {self.text}"
        self.open(rows[0].xpath(".//a[contains(@class, 'item-t')]/@href")[0])
        return self

    def save_draft(self, **answers: Any) -> Person:
        """Keeps what is filled in so far."""
        form = self.form("/complete")
        (draft,) = form.xpath(".//button[contains(@formaction, '/draft')]/@formaction")
        return self.send_form(form, answers, draft)

    def complete(self, number: str, **answers: Any) -> Person:
        """Opens the task of that request and finishes it with these answers."""
        done = self.task(number).send("/complete", **answers)
        assert done.status == 200, done.text
        return done


def _number(row: Any) -> str:
    return str(row.xpath("string(.//bdi[@dir='ltr'])")).translate(DIGITS)


def _step(row: Any) -> str:
    return str(row.xpath("string(.//div[contains(@class, 'small')])")).split(" · ")[0]


def sign_in(app: Flask, login: str, language: str = "en") -> Staff:
    """That member of the cast in a browser of their own, which speaks this language."""
    staff = Staff(app.test_client())
    staff.client.set_cookie("lang", language)
    staff.open("/login").send("/login", login=login, password=PASSWORD)
    assert not staff.has_form("/login"), staff.text
    return staff


def customer_of(app: Flask, language: str) -> Person:
    """A customer in a browser that speaks this language."""
    person = Person(app.test_client())
    person.client.set_cookie("lang", language)
    return person


Desk = Callable[[str], Staff]
"""``desk("sara")``: Sara, signed in."""
