"""A customer's questions come and go with the answers; a page without questions is passed over."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from flask.testing import FlaskClient

import forms
from tests.app.portal.conftest import ABOUT, Customer

ADDRESS = "/portal/services/complaint"


def ask(kind: str, key: str, hide: str = "", **more: Any) -> dict[str, Any]:
    shown = {"conditional": {"hide": hide}} if hide else {}
    return {"type": kind, "id": f"Field_{key}", "key": key, "label": f"The {key}", **shown, **more}


def group(key: str, *components: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "group", "id": key, "label": f"About {key}", "components": list(components)}


REQUIRED = {"validate": {"required": True}}
FORM = {
    "id": "complaint",
    "type": "default",
    "components": [
        group(
            "what",
            ask("number", "cost"),
            ask("textarea", "why", "=cost = null or cost <= 100", **REQUIRED),
        ),
        group("bill", ask("textfield", "account", "=cost = null or cost <= 100", **REQUIRED)),
    ],
}


@pytest.fixture(autouse=True)
def conditional_form(monkeypatch: pytest.MonkeyPatch) -> None:
    """The complaint service asks these questions."""
    shipped = {**forms.shipped(), "complaint": forms.load(json.dumps(FORM), "complaint")}
    monkeypatch.setattr(forms, "shipped", lambda: shipped)


def hidden(client: FlaskClient, **answers: str) -> list[str]:
    given = {"step": "1", **{f"data.{key}": text for key, text in answers.items()}}
    answer = client.post(f"{ADDRESS}/hidden", data=given)
    assert answer.status_code == 200
    return list(answer.get_json()["hidden"])


def test_the_answers_written_so_far_decide(process: None, client: FlaskClient) -> None:
    assert hidden(client) == ["Field_account", "Field_why", "bill"]
    assert hidden(client, cost="۲۵۰") == []
    assert hidden(client, cost="no number") == ["Field_account", "Field_why", "bill"]


def test_the_page_opens_with_what_its_data_says(customer: Customer) -> None:
    customer.open(ADDRESS).next(given=ABOUT)
    assert customer.heading == "About what"
    why = customer.page.xpath("//*[@data-part='Field_why']")[0]
    assert why.get("data-hidden") == ""
    assert why.xpath(".//textarea[@name='data.why']")


def test_a_page_without_questions_is_passed_over(customer: Customer) -> None:
    customer.open(ADDRESS).next(given=ABOUT)
    assert "Step 2 of 3" in customer.text
    customer.next(given={"data.cost": "50"})
    assert customer.heading == "How can we reach you?"
    customer.send(given={"go": "back"})
    assert customer.heading == "About what"


def test_and_asked_when_the_answers_need_it(customer: Customer) -> None:
    customer.open(ADDRESS).next(given=ABOUT)
    customer.next(given={"data.cost": "500"})
    assert (customer.status, customer.heading) == (422, "About what")
    assert customer.page.xpath("//*[@data-part='Field_why' and not(@data-hidden)]")
    customer.next(given={"data.why": "It broke twice"})
    assert customer.heading == "About bill"


def test_a_program_needs_the_token_of_the_page(
    process: None, csrf_app: object, client: FlaskClient
) -> None:
    assert client.post(f"{ADDRESS}/hidden").status_code == 400


def test_an_unknown_service_has_no_questions(process: None, client: FlaskClient) -> None:
    assert client.post("/portal/services/none/hidden").status_code == 404
