"""What the stories are told with: a complaint on the portal and the steps of the staff."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.journeys.pages import DIGITS, Desk, Person

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 100

ENGLISH: tuple[Mapping[str, Any], ...] = (
    {"subject": "Fridge still warm", "description": "Two repairs, and it does not cool."},
    {"data.about": "product", "data.product": "Ara 28"},
    {"data.happened_on": "2026-04-30"},
    {"data.remedy_sought": "refund"},
    {"customer.name": "Maryam Rezaei", "customer.email": "maryam@example.com"},
)
PERSIAN: tuple[Mapping[str, Any], ...] = (
    {"subject": "یخچال سرد نمی‌کند", "description": "دو بار تعمیر شد و باز سرد نمی‌کند."},
    {"data.about": "product", "data.product": "آرا ۲۸"},
    {"data.happened_on": "۱۴۰۵/۰۲/۱۰"},
    {"data.remedy_sought": "replacement"},
    {"customer.name": "مریم رضایی", "customer.email": "maryam@example.com"},
)
"""What the customer writes on each page of the portal."""

HANDS = {
    "Assess the complaint": "narges",
    "Check the facts": "sara",
    "Propose a remedy": "reza",
    "Approve the remedy": "maryam",
    "Carry out the remedy": "sara",
    "Find the root cause": "babak",
}
"""Who does which step unless the story says otherwise."""

ANSWERS: Mapping[str, Mapping[str, Any]] = {
    "Assess the complaint": {
        "severity": "low", "impact": "low", "complexity": "low", "people_concerned": "1",
    },
    "Check the facts": {"findings": "The compressor is worn out.", "founded": "yes"},
    "Propose a remedy": {"remedy": "replacement", "explanation": "You get a new fridge."},
    "Approve the remedy": {"approval": "approved"},
    "Carry out the remedy": {"done_on": "2026-05-02", "done": "The new fridge stands there."},
    "Find the root cause": {"why_1": "Nobody measured.", "cause_category": "supplier"},
}  # fmt: skip
"""The shortest way through each step."""


@dataclass
class Case:
    """One complaint, as its customer and the staff see it."""

    number: str
    code: str
    customer: Person
    desk: Desk
    run_jobs: Callable[[], int]

    def do(self, step: str, login: str = "", **answers: Any) -> None:
        """The step as whoever does it; then the worker sends what there is to send."""
        staff = self.desk(login or HANDS[step])
        assert staff.inbox().get(self.number) == step, staff.text
        staff.complete(self.number, **{**ANSWERS.get(step, {}), **answers})
        self.run_jobs()

    def bring_to(self, step: str) -> None:
        """The shortest way until that step waits."""
        for before in ANSWERS:
            if before == step:
                return
            if before != "Approve the remedy":
                self.do(before)

    def follow(self) -> Person:
        """The customer opens the tracking page."""
        return self.customer.open(f"/portal/track/{self.code}")

    def stages(self) -> list[tuple[str, str]]:
        """Each stage as the customer sees it: done, here or next, and its words."""
        items = self.follow().page.xpath("//ol[contains(@class, 'stages')]/li")
        return [(item.get("class"), item.findtext("b")) for item in items]


def submit_on_portal(
    person: Person,
    desk: Desk,
    run_jobs: Callable[[], int],
    pages: tuple[Mapping[str, Any], ...] = ENGLISH,
) -> Case:
    """The customer fills the pages of the portal, adds a photo and reads number and code."""
    person.open("/portal").open(_service_link(person))
    for page in pages:
        files = {"files": [(io.BytesIO(PNG), "fridge.png")]} if page is pages[-1] else {}
        person.send("/services/complaint", go="on", **page, **files)
        assert person.status == 200, person.text
    code = str(person.page.xpath("string(//*[contains(@class, 'promise-big')]/bdi)"))
    (number,) = (text for text in person.page.xpath("//bdi/text()") if text.startswith("R-"))
    return Case(number.translate(DIGITS), code, person, desk, run_jobs)


def _service_link(person: Person) -> str:
    return str(person.page.xpath("//a[contains(@href, '/portal/services/complaint')]/@href")[0])
