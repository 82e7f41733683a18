"""Policies: promises as data, strictly read."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from lxml import etree

import sla
from sla import SettingsRefused, calendars, load_policy, parse_duration, policies
from sla.policy import FOLDER

GOOD = """
key = "calls"
calendar = "iran"
[names]
fa = "تماس‌ها"
en = "Calls"
[metrics.answer]
start = "submitted"
stop = ["left:answer", "stage:done", "closed"]
pause = "waits:customer"
names = {fa = "پاسخ", en = "Answer"}
customer_names = {fa = "پاسخ ما", en = "Our answer"}
late = {fa = "مدیر باخبر می‌شود.", en = "The manager is told."}
[metrics.answer.targets]
urgent = "PT1H"
high = "PT4H"
normal = "P1D"
low = "P2DT4H"
"""


def test_a_policy_is_read_whole() -> None:
    policy = load_policy(GOOD.encode(), "calls.toml")
    metric = policy.metrics["answer"]
    assert policy.calendar == "iran"
    assert metric.target("urgent") == timedelta(hours=1)
    assert metric.target("low") == timedelta(hours=20)
    assert metric.target(None) == metric.target("strange") == timedelta(hours=8)
    assert metric.starts_on({"submitted"})
    assert metric.stops_on({"left:x", "stage:done"})
    assert not metric.stops_on({"left:other", "stage:doing"})
    assert metric.pauses_while({"waits:customer"}) == ("waits:customer",)
    assert not metric.pauses_while({"waits:partner"})
    assert metric.late["en"] == "The manager is told."


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('calendar = "iran"', "", "calendar"),
        ('start = "submitted"', "", "metrics.answer.start"),
        ('start = "submitted"', "start = []", "metrics.answer.start"),
        ('"submitted"', '"sent"', "metrics.answer.start"),
        ('"left:answer"', '"left:"', "metrics.answer.stop"),
        ('"left:answer"', '"left: answer"', "metrics.answer.stop"),
        ("waits:customer", "waits:anyone", "metrics.answer.pause"),
        ('normal = "P1D"', "", "metrics.answer.targets.normal"),
        ('normal = "P1D"', 'normal = "1 day"', "metrics.answer.targets.normal"),
        ('normal = "P1D"', 'normal = "P1D"\nhuge = "P1D"', "metrics.answer.targets.huge"),
        ("late = {fa", "late = {en2", "metrics.answer.late.fa"),
        ("pause =", "pauze =", "metrics.answer.pauze"),
        ("[metrics.answer.targets]", "[targets]", "metrics.answer.targets"),
        ('[names]\nfa = "تماس‌ها"', "[names]", "names.fa"),
    ],
)
def test_a_mistake_is_named_with_file_and_key(old: str, new: str, key: str) -> None:
    assert old in GOOD
    with pytest.raises(SettingsRefused) as caught:
        load_policy(GOOD.replace(old, new).encode(), "calls.toml")
    assert (caught.value.file, caught.value.key) == ("calls.toml", key)


def test_a_policy_without_metrics_is_refused() -> None:
    source = GOOD.partition("[metrics.answer]")[0] + "[metrics]\n"
    with pytest.raises(SettingsRefused, match="no metric"):
        load_policy(source.encode(), "calls.toml")


def test_every_shipped_policy_has_its_calendar_and_its_file() -> None:
    assert {file.stem for file in FOLDER.glob("*.toml")} == set(policies())
    for policy in policies().values():
        assert policy.calendar in calendars()
    complaint = policies()["complaint"]
    assert list(complaint.metrics) == [
        "acknowledgement",
        "first_response",
        "update_interval",
        "resolution",
    ]
    assert complaint.metrics["acknowledgement"].target("low") == timedelta(hours=4)


def test_a_more_urgent_request_is_never_promised_later() -> None:
    for policy in policies().values():
        for metric in policy.metrics.values():
            targets = [metric.target(priority) for priority in sla.PRIORITIES]
            assert targets == sorted(targets)


def test_every_element_and_stage_that_the_complaint_policy_names_is_in_the_diagram() -> None:
    diagram = Path(sla.__file__).parents[1] / "bpmn" / "diagrams" / "complaint.bpmn"
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    drawn = list(etree.parse(diagram, parser).iter("*"))
    ids = [one.get("id") for one in drawn]
    elements = {f"{how}:{one}" for how in ("left", "entered") for one in ids}
    stages = {f"stage:{one.get('value')}" for one in drawn if one.get("name") == "stage"}
    known = elements | stages | {"submitted", "closed"}
    for metric in policies()["complaint"].metrics.values():
        assert {*metric.start, *metric.stop, *metric.drop} <= known


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("PT4H", timedelta(hours=4)),
        ("PT1H30M", timedelta(minutes=90)),
        ("PT90S", timedelta(seconds=90)),
        ("P1D", timedelta(hours=8)),
        (" P2DT4H ", timedelta(hours=20)),
    ],
)
def test_durations_are_working_time(text: str, length: timedelta) -> None:
    assert parse_duration(text) == length


@pytest.mark.parametrize(
    "text",
    ["", "P", "PT", "P1DT", "P1W", "P1M", "P1Y", "-PT4H", "PT1.5H", "PT0S", "P0D", "4H", "PT4",
     "PT" + "9" * 30 + "H", "PT4H\nx"],
)  # fmt: skip
def test_other_durations_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a working time"):
        parse_duration(text)


def test_tiers_and_levels_have_names_for_people() -> None:
    source = policies()["service-request"]
    assert source.fact_names["tier:platinum"] == {"fa": "پلاتین", "en": "Platinum"}
    file = (FOLDER / "service-request.toml").read_text("utf-8")
    more = '\n[levels.full]\nfa = "کامل"\nen = "Full"\n'
    assert load_policy(f"{file}{more}".encode(), "x").fact_names["contract:full"]["en"] == "Full"
    with pytest.raises(SettingsRefused, match=r"levels\.full\.fa: is missing"):
        load_policy(f'{file}\n[levels.full]\nen = "Full"\n'.encode(), "x")
