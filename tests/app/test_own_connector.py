"""A connector of another package, installed as its page says, from the terminal to the process."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

import bpmn
from app.access import SYSTEM
from app.cli import main, parts
from app.doctor.sent import check_channels, check_kinds
from app.models import Delivery, Fault, ProcessInstance
from app.services.deployment import definitions
from app.services.deployment.case_partners import Partners, without_fake
from app.services.execution import processes
from app.services.sending import channel_settings
from app.services.sending.channel_settings import Draft
from app.services.sending.plain_results import NotJson, plain
from connectors import registry
from tests.app.services.story import actor
from tests.app.web.conftest import said
from tests.bpmn import build
from tests.house import test_examples
from tests.house.sources import ROOT
from tests.support.application import transaction_of
from tests.support.clock import MovingClock

PAGE = (ROOT / "docs" / "how-to" / "own-connector.md").read_text("utf-8")
ROPE = "pull-hard-1941"
Login = Callable[[str], FlaskClient]
RunJobs = Callable[[], int]


def block(language: str, number: int = 0) -> str:
    """A block of code of the page."""
    return str(re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)[number])


def install(folder: Path, code: str) -> Path:
    """What pip leaves behind of the page's package, with this code."""
    project = tomllib.loads(block("toml"))["project"]
    points = project["entry-points"][registry.GROUP]
    (package := folder / "peygir_bell").mkdir()
    (package / "__init__.py").write_text(code, "utf-8")
    (told := folder / f"peygir_bell-{project['version']}.dist-info").mkdir()
    head = f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n"
    (told / "METADATA").write_text(head, "utf-8")
    lines = "".join(f"{name} = {place}\n" for name, place in points.items())
    (told / "entry_points.txt").write_text(f"[{registry.GROUP}]\n{lines}", "utf-8")
    return folder


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """``installed()`` puts the package of the page, or one of another code, on the path."""

    def put(code: str = "") -> None:
        monkeypatch.syspath_prepend(str(install(tmp_path, code or block("python"))))
        registry.forget()

    yield put
    monkeypatch.undo()
    sys.modules.pop("peygir_bell", None)
    registry.forget()


def diagram(times: int = 3) -> bytes:
    mapping = build.io(inputs={"times": f"={times}"}, outputs={"rung": "=rung"})
    return build.process(
        build.start(), build.service("ring", mapping, kind="bell"),
        build.user("look", groups="intake"), build.end(),
        build.flows("start > ring > look > end"), key="bells",
    )  # fmt: skip


def run(app: Flask, clock: MovingClock, source: bytes) -> int:
    with transaction_of(app):
        row = definitions.deploy("bells.bpmn", source, actor("admin"), clock())
        return processes.start(row, {}, actor("admin"), clock()).id


def open_channel(app: Flask, clock: MovingClock) -> None:
    draft = Draft("belfry", "bell", options={"tower": "North"}, secrets={"rope": ROPE},
                  is_default=True)  # fmt: skip
    with transaction_of(app):
        channel_settings.save(draft, SYSTEM, clock())


def test_a_fake_that_the_package_brings_serves_test_cases(installed: Callable[..., None]) -> None:
    (fake,) = (one for one in re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL) if "fake" in one)
    installed(f"{block('python')}\n\n{fake}\n\nBell = TestedBell\n")
    assert without_fake(["bell"]) == {}
    with Partners(["bell"]) as partners:
        partners.forget()
        told = partners.carry_out(bpmn.WaitingJob("k", "ring", "bell", {}, {"times": 3}, 3))
        loud = partners.carry_out(bpmn.WaitingJob("k", "ring", "bell", {}, {"times": 13}, 3))
    assert isinstance(told, bpmn.CompleteJob)
    assert told.variables == {"rung": 3}
    assert isinstance(loud, bpmn.ThrowError)
    assert loud.code == "too_loud"


def test_a_package_without_a_fake_has_none(installed: Callable[..., None]) -> None:
    installed()
    assert without_fake(["sms", "bell"]) == {2: "bell"}


def test_the_terminal_knows_what_is_installed_on_the_path(tmp_path: Path) -> None:
    install(tmp_path, block("python"))
    path = os.pathsep.join([str(ROOT), str(tmp_path)])
    asked = [sys.executable, "-m", "app.cli", "connector"]
    done = subprocess.run(
        [*asked, "template", "bell"], env={**os.environ, "PYTHONPATH": path}, cwd=tmp_path,
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert '"=rung"' in done.stdout


def test_an_administrator_makes_and_tests_a_channel_on_the_page(
    app: Flask, installed: Any, login: Login
) -> None:
    installed()
    assert registry.complaints(registry.kinds()["bell"]) == []
    admin = login("admin")
    new = said(admin.get("/channels/new?kind=bell"))
    assert "Tower" in new and "Word for the rope" in new and "How the bell sounds." in new
    form = {"kind": "bell", "key": "belfry", "options.rope": ROPE, "enabled": "yes"}
    refused = admin.post("/channels/new?kind=bell", data=form)
    assert refused.status_code == 422
    kept = admin.post("/channels/new?kind=bell", data={**form, "options.tower": "North",
                                                       "options.tone": "high"})  # fmt: skip
    assert kept.status_code == 303, said(kept)
    assert "North stands" in said(admin.post("/channels/belfry/test", follow_redirects=True))
    page = admin.get("/channels/belfry")
    assert ROPE not in page.text and "secret, set" in said(page)
    assert "peygir.bell" in admin.get("/element-templates.json").text


def test_the_task_of_the_page_is_right_once_it_is_installed(installed: Any, tmp_path: Path) -> None:
    installed()
    test_examples.check(block("xml"), tmp_path)


def test_a_process_rings_by_it(
    app: Flask, installed: Any, clock: MovingClock, run_jobs: RunJobs
) -> None:
    installed()
    open_channel(app, clock)
    first = run(app, clock, diagram())
    second = run(app, clock, diagram(13))
    run_jobs()
    with transaction_of(app) as session:
        done = session.get_one(ProcessInstance, first)
        assert processes.inspect(done).variables["rung"] == 3
        [fault] = session.scalars(select(Fault).where(Fault.instance_id == second))
        assert fault.code == "too_loud"
        assert "neighbours" in str(fault.message)


BAD_ENDINGS = {
    "nothing": "return None",
    "no text as its id": "return Answer(id=7, words='rung')",
    "no words": "return Answer(id='1', words=None)",
    "no result": "return Answer(result=[1])",
    "an object": "return Answer(result={'rung': {'by': [object()]}})",
    "a set": "return Answer(result={'rung': {1}})",
    "no number": "return Answer(result={'rung': float('nan')})",
    "itself": "me = {}; me['rung'] = me; return Answer(result=me)",
    "an exception of its own": "raise KeyError(options['rope'])",
    "a policy that fails": "return Answer()\n\n    def repeats_of(self, order, options): 1 / 0",
}


NO_JSON = {
    "no result": "result: list",
    "an object": "rung.by[0]: object",
    "a set": "rung: set",
    "no number": "rung: a number that is none",
    "itself": "nested too deeply",
}


def test_dates_and_exact_numbers_come_as_texts() -> None:
    day = datetime(2026, 5, 2, tzinfo=UTC)
    given = {"a": Decimal("1.10"), "b": day, "c": day.date(), "d": (1, True, None), "e": 2.5}
    assert plain(given, "bell") == {
        "a": "1.10", "b": "2026-05-02T00:00:00+00:00", "c": "2026-05-02",
        "d": [1, True, None], "e": 2.5,
    }  # fmt: skip
    with pytest.raises(NotJson, match="a name of the type tuple"):
        plain({"a": {(1, 2): 3}}, "bell")


@pytest.mark.parametrize("way", BAD_ENDINGS)
def test_whatever_it_gives_back_the_worker_goes_on_and_the_row_ends_somewhere(
    app: Flask, installed: Any, clock: MovingClock, run_jobs: RunJobs, way: str
) -> None:
    code, _ = re.subn(r"        if order.*?(?=\n    def probe)", f"        {BAD_ENDINGS[way]}\n",
                      block("python"), flags=re.DOTALL)  # fmt: skip
    installed(code.replace('repeats = "repeat"', 'repeats = "hold"'))
    open_channel(app, clock)
    number = run(app, clock, diagram())
    run_jobs()
    with transaction_of(app) as session:
        [row] = session.scalars(select(Delivery).where(Delivery.channel == "bell"))
        assert row.state != "sending"
        assert ROPE not in str(row.error)
        faults = list(session.scalars(select(Fault.code).where(Fault.instance_id == number)))
        assert faults == ["result_not_json" if way in NO_JSON else "unknown_outcome"]
        if way in NO_JSON:
            # The partner has done it: it is not asked for it once more.
            assert row.state == "accepted"
            fault = session.scalars(select(Fault)).one()
            assert (
                f"bell (belfry): {NO_JSON[way].split()[0]}" in fault.texts["en"] or way == "itself"
            )
            assert NO_JSON[way] in fault.texts["en"]
            assert NO_JSON[way] in fault.texts["fa"]


LEFT_OUT = {
    "raise RuntimeError('no bell')": "it cannot be loaded: RuntimeError: no bell",
    "Bell = dict": "it is no Connector",
    "from connectors.email import Email as Bell": "the name email is taken by a kind of Peygir",
}


@pytest.mark.parametrize("code", LEFT_OUT)
def test_one_that_cannot_be_used_is_left_out_and_told_where_people_look(
    installed: Any, caplog: pytest.LogCaptureFixture, code: str
) -> None:
    installed(code)
    assert "bell" not in registry.kinds() and "email" in registry.kinds()
    told = f"the connector peygir_bell:Bell of another package is left out: {LEFT_OUT[code]}"
    assert [str(one) for one in registry.unusable()] == [told]
    assert [(one.state, one.text) for one in check_kinds()] == [("problem", told)]
    done = CliRunner().invoke(main, ["connector", "list"])
    assert told in done.stderr and told not in done.stdout
    # Not at every command, but where the house begins to work.
    assert "peygir_bell" not in caplog.text
    parts._tell_unusable()
    assert caplog.text.count(told) == 1


def test_the_name_of_ours_stays_ours(installed: Any) -> None:
    ours = registry.kinds()["email"]
    installed("from connectors.email import Email as Bell")
    assert type(registry.kinds()["email"]) is type(ours)


def test_a_channel_outlives_its_package(
    app: Flask, installed: Any, clock: MovingClock, login: Login, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed()
    open_channel(app, clock)
    monkeypatch.setattr(registry, "entry_points", lambda group: [])
    registry.forget()
    admin = login("admin")
    assert "belfry" in said(admin.get("/channels"))
    assert "is not installed here" in admin.get("/channels/belfry", follow_redirects=True).text
    with transaction_of(app):
        told = [f"{one.state} {one.text}" for one in check_channels(clock())]
    assert any(one.startswith("problem channel belfry") for one in told)
