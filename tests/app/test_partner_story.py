"""A process that calls a partner, is called back, and stands still where nobody can decide for it.

The partner is a real HTTP server that lies; the worker's own edge carries out the calls.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from standardwebhooks.webhooks import Webhook

from app.models import Delivery, Fault, ProcessInstance, UserTask
from app.services.deployment import definitions
from app.services.execution import processes
from app.services.sending import channel_settings
from app.services.sending.channel_settings import Draft
from connectors import lying_http as does
from connectors.lying_http import LyingPartner
from tests.app.services.story import actor
from tests.app.web.conftest import read, said
from tests.bpmn import build
from tests.support.application import transaction_of
from tests.support.clock import MovingClock

DOOR = "the-door-of-the-shop"
SIGNING = "whsec_" + base64.b64encode(b"w" * 32).decode()
TOKEN = "s3cret-t0ken"
Jobs = Callable[[], int]
Login = Callable[..., FlaskClient]


def extension(kind: str, inputs: dict[str, str], outputs: dict[str, str], channel: str) -> str:
    headers = (
        f'<zeebe:taskHeaders><zeebe:header key="channel" value="{channel}"/></zeebe:taskHeaders>'
    )
    return headers + build.io(inputs=inputs, outputs=outputs)


PARTS = build.process(
    build.start(),
    build.service(
        "order", extension("http", {"method": '="POST"', "path": '=["orders", customer]',
                                    "body": "={part: part, pieces: 2}"},
                           {"number": "=body.order.number", "price": "=body.price"}, "shop"),
        kind="http", name="Order the part",
    ),
    build.boundary("unknown", "order", build.error("http_404")),
    build.user("ask", groups="intake", name="Who is it?"),
    build.service(
        "tell", extension("webhook", {"type": '="part.ordered"', "data": "={order: number}"}, {},
                          "stock"),
        kind="webhook", name="Tell the stock",
    ),
    build.catch("wait", build.message("order.shipped"), name="Shipped"),
    build.user("look", groups="intake", name="Look at the parcel"),
    build.end(),
    build.flows("start > order > tell > wait > look > end", "unknown > ask > end"),
    key="parts",
    before=build.declare("order.shipped", "=number") + build.declare_error("http_404"),
)  # fmt: skip


@pytest.fixture
def shop() -> Iterator[LyingPartner]:
    with LyingPartner(usual=does.says('{"order": {"number": "A-1"}, "price": 12.10}',
                                      content_type="application/json")) as running:  # fmt: skip
        yield running


@pytest.fixture
def stock() -> Iterator[LyingPartner]:
    with LyingPartner() as running:
        yield running


@pytest.fixture
def story(app: Flask, clock: MovingClock, shop: LyingPartner, stock: LyingPartner) -> None:
    """Both channels, and the process deployed."""
    here = ["127.0.0.1"]
    drafts = [
        Draft("shop", "http", {"en": "The shop", "fa": "فروشگاه"},
              {"base_url": shop.url + "/api", "private_partners": here, "timeout": 20,
               "auth": "bearer"}, {"token": TOKEN}),
        Draft("stock", "webhook", {"en": "The stock", "fa": "انبار"},
              {"private_partners": here, "timeout": 20, "messages": "order.shipped"},
              {"url": stock.url + "/in", "secrets": SIGNING, "hook_secret": DOOR}),
    ]  # fmt: skip
    with transaction_of(app):
        for draft in drafts:
            channel_settings.save(draft, actor("admin"), clock())
        definitions.deploy("parts.bpmn", PARTS, actor("admin"), clock())


@pytest.fixture
def begin(app: Flask, clock: MovingClock, story: None) -> Callable[..., int]:
    """Begins a process and gives its number."""

    def start(customer: str = "sara ۱") -> int:
        with transaction_of(app) as session:
            row = definitions.deploy("parts.bpmn", PARTS, actor("admin"), clock())
            values = {"customer": customer, "part": "door"}
            run = processes.start(row, values, actor("admin"), clock())
            session.flush()
            return run.id

    return start


def set_repeats(app: Flask, clock: MovingClock, shop: LyingPartner, repeats: str) -> None:
    options = {"base_url": shop.url + "/api", "private_partners": ["127.0.0.1"], "timeout": 20,
               "auth": "bearer", "repeats": repeats}  # fmt: skip
    with transaction_of(app):
        draft = Draft("shop", "http", {"en": "The shop"}, options, {})
        channel_settings.save(draft, actor("admin"), clock())


def where(app: Flask, run: int) -> tuple[list[str], list[str]]:
    """The open tasks of a run, and the codes of its standing faults."""
    with transaction_of(app) as session:
        tasks = select(UserTask.element).where(
            UserTask.instance_id == run, UserTask.state == "open"
        )
        codes = select(Fault.code).where(Fault.instance_id == run, Fault.resolved_at.is_(None))
        return list(session.scalars(tasks)), list(session.scalars(codes))


def variables(app: Flask, run: int) -> Any:
    with transaction_of(app) as session:
        return processes.inspect(session.get_one(ProcessInstance, run)).variables


def keys(app: Flask) -> list[str]:
    with transaction_of(app) as session:
        return list(session.scalars(select(Delivery.reference).order_by(Delivery.id)))


def call_back(app: Flask, call_id: str, order: str = "A-1") -> int:
    said = {"type": "order.shipped", "key": order, "data": {"parcel": "P-7"}}
    headers = {"webhook-id": call_id}
    return app.test_client().post(f"/hooks/stock/{DOOR}", json=said, headers=headers).status_code


def test_a_process_calls_tells_waits_and_is_called_back(
    app: Flask, begin: Callable[..., int], run_jobs: Jobs, shop: LyingPartner, stock: LyingPartner
) -> None:
    run = begin()
    run_jobs()
    [ordered], [told] = shop.heard, stock.heard
    assert (ordered.method, ordered.path) == ("POST", "/api/orders/sara%20%DB%B1")
    assert ordered.json == {"part": "door", "pieces": 2}
    assert ordered.headers["authorization"] == f"Bearer {TOKEN}"
    assert [ordered.key, told.key] == keys(app)
    verified = Webhook(SIGNING).verify(told.body, dict(told.headers))
    assert (verified["type"], verified["data"]) == ("part.ordered", {"order": "A-1"})
    assert variables(app, run)["price"] == 12.1
    assert [call_back(app, "c-1") for _ in range(3)] == [200, 200, 200]
    assert where(app, run) == (["look"], [])
    assert variables(app, run)["parcel"] == "P-7"


def test_a_partner_that_calls_back_before_we_wait_is_heard(
    app: Flask, begin: Callable[..., int], run_jobs: Jobs, shop: LyingPartner, tick: Any
) -> None:
    """It calls while we still wait for its answer to our order."""

    def answer(heard: does.Heard) -> does.Act:
        assert call_back(app, "early") == 200
        return shop.usual

    shop.answer = answer
    run = begin()
    run_jobs()
    assert where(app, run) == ([], [])
    tick(seconds=3)
    assert where(app, run) == (["look"], [])


BROKEN = does.says("{", content_type="application/json")
TURBULENCE = [
    [does.throttles(7), does.says_html(), does.says_json({}, 503)],
    [does.throttles("soon", 503), does.says_html(502), BROKEN],
]


@pytest.mark.parametrize("acts", TURBULENCE)
def test_what_may_end_by_itself_is_tried_under_the_same_key(
    app: Flask, begin: Callable[..., int], run_jobs: Jobs, tick: Any, shop: LyingPartner,
    acts: list[does.Act],
) -> None:  # fmt: skip
    shop.then(*acts)
    run = begin()
    run_jobs()
    assert len(shop.heard) == 1
    for _ in range(40):
        if len(shop.heard) == 1 + len(acts):
            break
        tick(minutes=10)
    assert shop.effects == {keys(app)[0]: 1 + len(acts)}
    assert where(app, run) == ([], []) and variables(app, run)["number"] == "A-1"


def test_retry_after_is_honoured(
    app: Flask, begin: Callable[..., int], run_jobs: Jobs, tick: Any, shop: LyingPartner
) -> None:
    shop.then(does.throttles(600))
    begin()
    run_jobs()
    tick(minutes=9)
    assert len(shop.heard) == 1
    tick(minutes=2)
    assert len(shop.heard) == 2


def test_an_error_is_caught_on_the_border(
    app: Flask, begin: Callable[..., int], run_jobs: Jobs, shop: LyingPartner, stock: LyingPartner
) -> None:
    shop.then(does.says_json({"error": "no such customer"}, 404))
    run = begin()
    run_jobs()
    assert where(app, run) == (["ask"], [])
    assert stock.heard == []


def test_an_error_that_nobody_catches_stands_with_the_partners_words(
    app: Flask, begin: Callable[..., int], run_jobs: Jobs, shop: LyingPartner, login: Login
) -> None:
    def refuse(heard: does.Heard) -> does.Act:
        told = {"error": "we sell no doors", "you": heard.headers["authorization"]}
        return does.says_json(told, 422)

    shop.answer = refuse
    runs = [begin(), begin(), begin()]
    run_jobs()
    assert [where(app, run) for run in runs] == [([], ["http_422"])] * 3
    maryam = login("maryam")
    page = maryam.get("/faults")
    assert "3 alike" in said(page) and "we sell no doors" in said(page)
    assert TOKEN not in page.text
    # The partner is put right, and all go on with one order.
    shop.answer = None
    (link,) = set(read(page).xpath("//tbody//a[contains(@href, 'alike')]/@href"))
    (form,) = read(maryam.get(link)).xpath("//form[contains(@action, 'retry-alike')]")
    data = {**dict(form.fields), "reason": "They do now.", "sure": "yes"}
    maryam.post(form.get("action"), data=data)
    run_jobs()
    assert [where(app, run) for run in runs] == [([], [])] * 3
    told = said(maryam.get(f"/instances/{runs[0]}"))
    assert "tried “Order the part” again" in told and "They do now." in told
    assert TOKEN not in maryam.get(f"/instances/{runs[0]}").text


def test_a_fault_is_skipped_with_the_values_that_the_partner_told_by_telephone(
    app: Flask, begin: Callable[..., int], run_jobs: Jobs, shop: LyingPartner, stock: LyingPartner,
    login: Login,
) -> None:  # fmt: skip
    shop.then(does.says_json({}, 422))
    run = begin()
    run_jobs()
    with transaction_of(app) as session:
        fault = session.scalars(select(Fault.id)).one()
    data = {"variables": '{"number": "T-9", "price": 3}', "reason": "By telephone"}
    assert login("admin").post(f"/faults/{fault}/skip", data=data).status_code == 303
    run_jobs()
    assert stock.heard[0].json["data"] == {"order": "T-9"}
    assert variables(app, run)["price"] == 3
    assert "By telephone" in said(login("maryam").get(f"/instances/{run}"))


def test_a_fault_is_mended_by_its_variables(
    app: Flask, begin: Callable[..., int], run_jobs: Jobs, shop: LyingPartner, login: Login
) -> None:
    run = begin(customer="..")
    run_jobs()
    assert where(app, run) == ([], ["bad_url"]) and shop.heard == []
    with transaction_of(app) as session:
        fault = session.scalars(select(Fault.id)).one()
    data = {"variables": '{"customer": "sara"}'}
    assert login("maryam").post(f"/faults/{fault}/retry", data=data).status_code == 303
    run_jobs()
    assert shop.heard[0].path == "/api/orders/sara"
    assert where(app, run) == ([], [])


def test_an_order_whose_end_is_unknown_is_left_to_a_person(
    app: Flask, begin: Callable[..., int], run_jobs: Jobs, tick: Any, shop: LyingPartner,
    login: Login,
) -> None:  # fmt: skip
    shop.then(does.leaves)
    run = begin()
    run_jobs()
    tick(hours=5)
    assert (where(app, run), len(shop.heard)) == (([], ["unknown_outcome"]), 1)
    with transaction_of(app) as session:
        fault = session.scalars(select(Fault.id)).one()
        told = session.get_one(Fault, fault)
        assert f"RemoteDisconnected at 127.0.0.1:{shop.port}" in told.message
        assert "پاسخ سرور نرسید. «" in told.texts["fa"]
    # Somebody asked the partner, who knows nothing of it.
    login("maryam").post(f"/faults/{fault}/retry", data={"reason": "They have nothing."})
    run_jobs()
    assert where(app, run) == ([], [])
    assert list(shop.effects.values()) == [2]


def test_where_the_partner_drops_copies_an_order_is_repeated(
    app: Flask, clock: MovingClock, begin: Callable[..., int], run_jobs: Jobs, tick: Any,
    shop: LyingPartner,
) -> None:  # fmt: skip
    set_repeats(app, clock, shop, "always")
    shop.then(does.leaves, does.resets(10))
    run = begin()
    run_jobs()
    for _ in range(10):
        tick(minutes=10)
    assert where(app, run) == ([], []) and list(shop.effects.values()) == [3]


def test_a_cancelled_process_calls_nobody_any_more(
    app: Flask, begin: Callable[..., int], run_jobs: Jobs, tick: Any, shop: LyingPartner,
    stock: LyingPartner, login: Login,
) -> None:  # fmt: skip
    shop.then(does.throttles(60))
    run = begin()
    run_jobs()
    data = {"reason": "no longer needed"}
    assert login("admin").post(f"/instances/{run}/cancel", data=data).status_code == 303
    tick(hours=1)
    assert len(shop.heard) == 1 and stock.heard == []


def test_every_way_out_of_a_fault_stands_in_the_history(
    app: Flask, begin: Callable[..., int], run_jobs: Jobs, shop: LyingPartner, login: Login
) -> None:
    shop.then(*[does.says_json({}, 422)] * 2)
    mended, given_up = begin(), begin()
    run_jobs()
    admin, maryam = login("admin"), login("maryam")
    changed = {"variables": '{"part": "window"}', "reason": "They sell windows."}
    assert admin.post(f"/instances/{mended}/variables", data=changed).status_code == 303
    with transaction_of(app) as session:
        query = select(Fault.id).where(Fault.instance_id == mended)
        fault = session.scalars(query).one()
    assert maryam.post(f"/faults/{fault}/retry", data={"reason": "Once more."}).status_code == 303
    cancelled = {"reason": "Nobody needs it."}
    assert admin.post(f"/instances/{given_up}/cancel", data=cancelled).status_code == 303
    run_jobs()
    assert shop.heard[-1].json["part"] == "window"
    told = said(maryam.get(f"/instances/{mended}"))
    for words in ("changed variables: part", "They sell windows.", "again", "Once more."):
        assert words in told
    told = said(maryam.get(f"/instances/{given_up}"))
    assert "cancelled the process" in told and "Nobody needs it." in told
    assert "No faults" in said(maryam.get("/faults"))
    assert len(shop.heard) == 3
