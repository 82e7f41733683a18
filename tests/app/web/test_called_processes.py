"""Called processes on the pages of runs and requests, and version tags on those of processes."""

from __future__ import annotations

import io
import json
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.models import User
from app.services.deployment import definitions
from app.services.execution import processes
from tests.app.services.story import actor, submit
from tests.app.web.conftest import read, said
from tests.bpmn.build import call, drawn, end, flows, node, process, start, user
from tests.support.application import transaction_of
from tests.support.clock import MovingClock

Login = Callable[..., FlaskClient]
CALLER = process(
    start(), call("step", "inner", name="Have it checked"), end(), flows("start > step > end"),
    key="outer",
)  # fmt: skip
SUM = '<zeebe:script expression="=1 + a" resultVariable="x"/>'
INNER = process(
    start(), user("step", groups="intake", name="Check the wiring"),
    node("scriptTask", "wrong", "", SUM, name="Work it out"), end(),
    flows("start > step > wrong > end"), key="inner",
)  # fmt: skip


def test_the_page_of_a_called_process_names_the_runs_that_called_it(
    app: Flask, login: Login, number: str
) -> None:
    with transaction_of(app):
        inner, outer = (definitions.latest(key).id for key in ("inner", "outer"))
    narges = login("narges")
    page = read(narges.get(f"/processes/{inner}"))
    told = said(narges.get(f"/processes/{inner}"))
    assert "It runs only where other processes call it." in told
    assert "No run yet" not in told
    (link,) = page.xpath("//ul/li/a[contains(@href, 'called=')]/@href")
    assert box(read(narges.get(link)))["here"] == ["step"]
    assert "have called it" not in said(narges.get(f"/processes/{outer}"))


@pytest.fixture
def number(app: Flask, clock: MovingClock) -> str:
    """A request whose process calls another one, in which a task waits; the run is its second."""
    with transaction_of(app):
        files = [("outer.bpmn", drawn(CALLER)), ("inner.bpmn", drawn(INNER))]
        row, _ = definitions.deploy_together(files, actor("admin"), clock(), tag="spring")
        request = submit(clock(), language="en")
        processes.start(row, {"a": "text"}, actor("admin"), clock(), request=request)
        return request.number


def box(page: object) -> dict[str, object]:
    """What the diagram on a page is told to mark."""
    (found,) = page.xpath("//*[@data-diagram]")  # type: ignore[attr-defined]
    return {name: json.loads(found.get(f"data-{name}")) for name in ("here", "done", "flows")}


def test_the_diagram_of_a_request_leads_to_that_of_the_called_process(
    login: Login, number: str
) -> None:
    narges = login("narges")
    page = read(narges.get(f"/requests/{number}/diagram"))
    assert box(page)["here"] == ["step"]
    assert box(page)["done"] == ["start"]
    (link,) = page.xpath("//nav[@aria-label='Called processes']//a[contains(., 'inner')]/@href")
    shown = narges.get(link)
    assert box(read(shown)) == {"here": ["step"], "done": ["start"], "flows": ["start_step"]}
    assert "Check the wiring" in said(shown)
    assert "Have it checked" not in said(shown)
    file = narges.get(read(shown).xpath("//*[@data-diagram]/@data-diagram")[0])
    assert "Check the wiring" in file.text


def test_the_pages_of_a_request_and_of_a_run_name_what_is_called(
    app: Flask, login: Login, number: str
) -> None:
    narges = login("narges")
    page = narges.get(f"/requests/{number}")
    assert page.status_code == 200
    path = read(page).xpath("//aside//a[contains(@href, '/instances/')]/@href")[-1]
    assert "version 1" in said(narges.get(path))
    assert "Have it checked" in said(narges.get(path))


def test_a_fault_in_a_called_process_has_the_name_of_its_element_there(
    app: Flask, login: Login, number: str
) -> None:
    narges = login("narges")
    row = next(one for one in read(narges.get("/")).xpath("//li[@data-id]")
               if "Check the wiring" in one.text_content())  # fmt: skip
    task = row.get("data-id")
    assert narges.get(f"/tasks/{task}").status_code == 200
    narges.post(f"/tasks/{task}/claim")
    narges.post(f"/tasks/{task}/complete", data={})
    page = said(login("maryam").get("/faults"))
    assert "Work it out" in page


def test_version_tags_stand_beside_the_versions(login: Login, number: str) -> None:
    narges = login("narges")
    page = read(narges.get("/processes"))
    assert "spring" in page.xpath("//tr[contains(., 'outer')]")[0].text_content()
    (path,) = page.xpath("//a[text()='outer']/@href")
    assert "tag spring" in said(narges.get(path))


def test_files_that_name_each_other_are_deployed_together(app: Flask, login: Login) -> None:
    with transaction_of(app) as session:
        mina = session.scalars(select(User).where(User.login == "mina")).one()
        mina.roles = [*mina.roles, "designer"]
    designer = login("mina")
    alone = {"file": [(io.BytesIO(CALLER), "outer.bpmn")]}
    assert designer.post("/processes", data=alone).status_code == 422
    both = {"file": [(io.BytesIO(CALLER), "outer.bpmn"), (io.BytesIO(INNER), "inner.bpmn")]}
    assert designer.post("/processes", data=both).status_code == 303
    page = said(designer.get("/processes"))
    assert "outer" in page
    assert "inner" in page


def test_a_finding_names_its_file_among_several(app: Flask, login: Login) -> None:
    with transaction_of(app) as session:
        mina = session.scalars(select(User).where(User.login == "mina")).one()
        mina.roles = [*mina.roles, "designer"]
    both = {"file": [(io.BytesIO(CALLER), "outer.bpmn"), (io.BytesIO(b"no xml"), "odd.bpmn")]}
    answer = login("mina").post("/processes", data=both)
    assert answer.status_code == 422
    assert "odd.bpmn ·" in said(answer)
    assert "outer.bpmn ·" in said(answer)
