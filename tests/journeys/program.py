"""A partner's program that follows one complaint through the API."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

Api = Callable[[str], FlaskClient]
Jobs = Callable[[], int]

COMPLAINT: dict[str, Any] = {
    "service": "complaint",
    "subject": "Fridge still warm",
    "description": "Two repairs, and it does not cool.",
    "customer": {"name": "Maryam Rezaei", "email": "maryam@example.com"},
    "data": {"about": "product"},
    "language": "en",
}
ASSESSED = {"kind": "complaint", "severity": "low", "impact": "low", "complexity": "low"}
WAY: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("assess", "narges", ASSESSED),
    ("check_facts", "sara", {"findings": "The compressor is worn out.", "founded": "yes"}),
    ("propose_remedy", "reza", {"remedy": "replacement", "explanation": "You get a new one."}),
)


@dataclass
class Program:
    """A partner's program that follows one request."""

    api: Api
    run_jobs: Jobs
    path: str = ""

    def submit(self, **changes: Any) -> dict[str, Any]:
        answer = self.api("partner").post("/api/v1/requests", json=COMPLAINT | changes)
        assert answer.status_code == 201, answer.get_json()
        self.path = answer.headers["Location"]
        self.run_jobs()
        return self.show()

    def show(self) -> dict[str, Any]:
        shown: dict[str, Any] = self.api("partner").get(self.path).get_json()
        return shown

    def history(self) -> list[dict[str, Any]]:
        answer = self.api("partner").get(f"{self.path}/history?limit=200")
        events: list[dict[str, Any]] = answer.get_json()["items"]
        return events

    def tasks(self, login: str) -> dict[str, str]:
        """The addresses of the open tasks that this person sees, by element."""
        number = self.path.rpartition("/")[2]
        items = self.api(login).get(f"/api/v1/tasks?request={number}").get_json()["items"]
        return {item["element"]: f"/api/v1/tasks/{item['id']}" for item in items}

    def complete(self, element: str, login: str, **data: Any) -> TestResponse:
        path = self.tasks(login)[element]
        answer = self.api(login).post(f"{path}/complete", json={"data": data})
        self.run_jobs()
        return answer

    def bring_to(self, element: str) -> None:
        for step, login, data in WAY:
            if step == element:
                return
            assert self.complete(step, login, **data).status_code == 200
