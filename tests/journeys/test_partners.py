"""Processes order at a partner's and are called back while it lies and workers are killed.

Everything is real: the web, two workers, the clock, and a partner on a socket of its own. The
partner knows its orders by the idempotency key, and calls back twice for each of them.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.config import Settings
from app.models import Delivery, Fault, PartnerCall, ProcessInstance, UserTask
from app.services.deployment import definitions
from app.services.execution import processes
from app.services.sending import channel_settings
from app.services.sending.channel_settings import Draft
from connectors import lying_http as does
from connectors.calling_back import calls_back
from connectors.lying_http import LyingPartner
from tests.app.services.story import actor
from tests.app.test_partner_story import DOOR, PARTS, SIGNING
from tests.support.application import dispose, transaction_of
from tests.support.patience import wait_until
from tests.support.processes import Stack

pytestmark = pytest.mark.slow

ORDERS = 12
KILLS = 3


class Shop:
    """A partner that does each order once, however often it is told, and lies about every second
    one when it hears of it first."""

    def __init__(self, door: str) -> None:
        self.door, self.orders, self.told = door, dict[str, str](), Counter[int]()
        self._lock = threading.Lock()
        self._callbacks = list[threading.Thread]()

    def __call__(self, heard: does.Heard) -> does.Act:
        with self._lock:
            many = len(self.orders)
            number = self.orders.setdefault(heard.key or "", f"A-{many}")
            lies = len(self.orders) > many and many % 2 == 0
            lie = LIES[many // 2 % len(LIES)] if lies else None
        self._start(number)
        return lie or does.says_json({"order": {"number": number}, "price": 12.1})

    def _start(self, number: str) -> None:
        thread = threading.Thread(target=self._call_back, args=(number,))
        self._callbacks.append(thread)
        thread.start()

    def _call_back(self, number: str) -> None:
        said = {"type": "order.shipped", "key": number, "data": {"parcel": f"P{number}"}}
        for _ in range(1000):
            statuses = calls_back(self.door, said, f"shipped-{number}", times=2)
            self.told.update(statuses)
            if statuses and set(statuses) == {200}:
                return
            time.sleep(0.2)

    def wait(self) -> None:
        for thread in self._callbacks:
            thread.join()


LIES = (
    does.leaves, does.resets(5), does.says_html(), does.says_html(502), does.throttles(1),
    does.speaks(b"HTTP/1.1 200 OK\r\nContent-Type: app"),
)  # fmt: skip


@pytest.fixture
def machine(make_stack: Callable[..., Stack]) -> Stack:
    return make_stack()


@pytest.fixture
def house(machine: Stack, database: str) -> Iterator[Flask]:
    """The application that sets up what the processes of the machine find."""
    from app import create_app

    made = create_app(Settings(machine.data, "a-secret-for-tests", database))
    yield made
    dispose(made)


def set_up(house: Flask, shop: str, stock: str) -> None:
    from app import utc_now

    here = {"private_partners": ["127.0.0.1"], "timeout": 20}
    secrets = {"url": stock + "/in", "secrets": SIGNING, "hook_secret": DOOR}
    with transaction_of(house):
        options = {"base_url": shop, "repeats": "always", **here}
        channel_settings.save(Draft("shop", "http", {}, options), actor("admin"), utc_now())
        draft = Draft("stock", "webhook", {}, {"messages": "order.shipped", **here}, secrets)
        channel_settings.save(draft, actor("admin"), utc_now())
        row = definitions.deploy("parts.bpmn", PARTS, actor("admin"), utc_now())
        for number in range(ORDERS):
            values = {"customer": f"c{number}", "part": "door"}
            processes.start(row, values, actor("admin"), utc_now())


def standing(house: Flask) -> Counter[str]:
    """How many processes stand at their last task, and whatever else there is to see."""
    with transaction_of(house) as session:
        tasks = session.scalars(select(UserTask.element).where(UserTask.state == "open")).all()
        faults = session.scalars(select(Fault.code).where(Fault.resolved_at.is_(None))).all()
        return Counter([*tasks, *(f"fault {code}" for code in faults)])


def test_every_order_happens_once_while_workers_die_and_the_partner_lies(
    machine: Stack, house: Flask
) -> None:
    shop = Shop(f"{machine.origin}/hooks/stock/{DOOR}")
    with LyingPartner(answer=shop) as partner, LyingPartner() as stock:
        set_up(house, partner.url, stock.url)
        machine.start()
        for _ in range(KILLS):
            time.sleep(1.5)
            machine.restart("worker")
        wait_until(lambda: standing(house) == {"look": ORDERS}, 150, lambda: str(standing(house)))
        shop.wait()
    check(house, shop, stock)


def check(house: Flask, shop: Shop, stock: LyingPartner) -> None:
    with transaction_of(house) as session:
        of_shop = select(Delivery.reference).where(Delivery.channel == "http")
        assert sorted(session.scalars(of_shop)) == sorted(shop.orders)
        states = select(Delivery.state, func.count()).group_by(Delivery.state)
        assert [tuple(row) for row in session.execute(states)] == [("accepted", 2 * ORDERS)]
        calls = session.scalars(select(PartnerCall.state)).all()
        assert Counter(calls) == {"heard": ORDERS}
        parcels = [_variables(run) for run in session.scalars(select(ProcessInstance))]
    assert all(one["parcel"] == f"P{one['number']}" for one in parcels)
    assert sorted(one["number"] for one in parcels) == sorted(shop.orders.values())
    told = [heard.json["data"]["order"] for heard in stock.heard]
    assert set(told) == set(shop.orders.values()) and len(stock.effects) == ORDERS
    assert set(shop.told) <= {200, 500, 502, 503}


def _variables(run: ProcessInstance) -> Any:
    return processes.inspect(run).variables
