"""The catalogue on the portal: under headings, with prices, and to each what is offered to them."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.i18n.money import format_money
from app.models import ServiceRequest
from app.services.casework import customers
from tests.app.services.story import MARYAM, actor, submit
from tests.support.clock import MovingClock

EVERYONE, STAFF_ONLY, GOLD = "certificate", "system-access", "office-move"


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("fa", ("تجهیزات و دسترسی", "۴۵۰٬۰۰۰٬۰۰۰ ریال", "معمولاً ۵ روز کاری", "بدون هزینه")),
        ("en", ("Equipment and access", "450,000,000 rial", "5 working days", "Free of charge")),
    ],
)
def test_services_stand_under_headings_with_price_and_time(
    client: FlaskClient, language: str, told: tuple[str, ...]
) -> None:
    client.set_cookie("lang", language)
    page = client.get("/portal").get_data(as_text=True)
    assert all(text in page for text in told)


def test_a_stranger_sees_what_is_for_everyone_and_nothing_else(client: FlaskClient) -> None:
    page = client.get("/portal").get_data(as_text=True)
    assert f"/portal/services/{EVERYONE}" in page
    assert f"/portal/services/{STAFF_ONLY}" not in page
    assert f"/portal/services/{GOLD}" not in page
    assert "/portal/services/other-request" in client.get("/portal?q=zebra").get_data(as_text=True)


def test_the_code_of_an_earlier_request_shows_what_its_customer_may_ask_for(
    client: FlaskClient, session: Session, clock: MovingClock
) -> None:
    request = customer_of_gold(session, clock)
    page = client.get(f"/portal?code={request.tracking_code}").get_data(as_text=True)
    assert f"/portal/services/{GOLD}?code={request.tracking_code}" in page
    tracked = client.get(f"/portal/track/{request.tracking_code}").get_data(as_text=True)
    assert f"/portal?code={request.tracking_code}" in tracked
    assert client.get("/portal?code=BBBB-BBBB-BBBB").status_code == 404


def test_a_stranger_cannot_walk_the_form_of_what_is_for_others(
    client: FlaskClient, session: Session, clock: MovingClock
) -> None:
    code = customer_of_gold(session, clock).tracking_code
    for key in (STAFF_ONLY, GOLD):
        assert client.get(f"/portal/services/{key}").status_code == 404
        assert client.post(f"/portal/services/{key}", data={"step": "0"}).status_code == 404
        assert client.post(f"/portal/services/{key}/hidden", data={}).status_code == 404
    page = client.get(f"/portal/services/{GOLD}?code={code}")
    assert page.status_code == 200
    assert f'name="code" value="{code}"' in page.get_data(as_text=True)
    walked = client.post(f"/portal/services/{GOLD}", data={"step": "0", "code": code})
    assert walked.status_code == 422
    assert client.get(f"/portal/services/{STAFF_ONLY}?code={code}").status_code == 404


def customer_of_gold(session: Session, clock: MovingClock) -> ServiceRequest:
    known = customers.normalise(MARYAM, "fa")
    customers.identify(known, "fa", actor("sara"), clock()).party.tier = "gold"
    request = submit(clock())
    session.commit()
    return request


def test_prices_are_said_in_words_of_the_language() -> None:
    assert format_money(1_250_000, "IRR", "fa") == "۱٬۲۵۰٬۰۰۰ ریال"
    assert format_money(1_250, "EUR", "en") == "1,250 euros"
    assert format_money(7, "XQX", "en") == "7 XQX"
