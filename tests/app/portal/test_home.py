"""The first page: services with their promise, and the way to a request."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from app.services.casework import catalogue


@pytest.mark.parametrize("language", ["fa", "en"])
def test_services_stand_with_their_promise(client: FlaskClient, language: str) -> None:
    client.set_cookie("lang", language)
    page = client.get("/portal").get_data(as_text=True)
    service = catalogue.find("complaint")
    assert "/portal/services/complaint" in page
    assert service.names[language] in page
    assert service.promise[language] in page


def test_the_search_finds_services_by_their_words(client: FlaskClient) -> None:
    client.set_cookie("lang", "en")
    assert "Services for “refund”" in client.get("/portal?q=refund").get_data(as_text=True)
    nothing = client.get("/portal?q=<b>zebra").get_data(as_text=True)
    assert "No service fits “&lt;b&gt;zebra”" in nothing
    assert "/portal/services/complaint" in nothing


def test_a_code_leads_to_its_page_however_it_is_typed(client: FlaskClient) -> None:
    answer = client.get("/portal/track?code=k7qm 3dxw-92hf")
    assert answer.location == "/portal/track/K7QM-3DXW-92HF"


def test_the_number_alone_opens_nothing(client: FlaskClient) -> None:
    client.set_cookie("lang", "en")
    answer = client.get("/portal/track?code=R-000001")
    assert answer.status_code == 422
    assert "This is the request number" in answer.get_data(as_text=True)


def test_an_empty_code_is_asked_for(client: FlaskClient) -> None:
    client.set_cookie("lang", "en")
    answer = client.get("/portal/track?code=")
    assert answer.status_code == 422
    assert "Enter the tracking code, like K7QM" in answer.get_data(as_text=True)


def test_wrong_addresses_get_a_page_that_helps(client: FlaskClient) -> None:
    client.set_cookie("lang", "en")
    for path in ("/portal/services/nothing", "/portal/elsewhere"):
        answer = client.get(path)
        assert answer.status_code == 404
        assert "We cannot find this page" in answer.get_data(as_text=True)
        assert "/portal/services/complaint" in answer.get_data(as_text=True)
