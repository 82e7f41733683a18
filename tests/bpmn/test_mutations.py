"""Whatever happens to a diagram, reading it gives a process or says why not, and nothing else."""

from __future__ import annotations

import time
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

import bpmn
from bpmn.document import BPMN
from tests.bpmn.spoilt import KINDS, SOURCES, mutate

NOW = datetime(2026, 3, 21, 12, tzinfo=UTC)
SECONDS = 5
"""More than reading takes for any of the diagrams, however it is spoilt."""
STEPS = 6


def read(source: bytes) -> None:
    """Parses; whatever is found has its place and its words."""
    begun = time.process_time()
    try:
        definition = bpmn.parse(source, "x.bpmn")
    except bpmn.Refused as refused:
        found = refused.findings
        assert any(one.severity == "error" for one in found)
    else:
        found = definition.warnings
        assert definition.key
        begin(definition)
    assert time.process_time() - begun < SECONDS
    for one in found:
        assert one.line >= 1
        assert one.file == "x.bpmn"
        assert one.message["en"]
        assert one.message["fa"]


def begin(definition: bpmn.Definition) -> None:
    """What was accepted begins and goes some steps, or says why not; no other error comes."""
    with suppress(bpmn.BpmnError):
        outcome = bpmn.start(definition, {"a": 1}, NOW, decisions={})
        for _ in range(STEPS):
            command = following(outcome)
            if command is None:
                return
            outcome = bpmn.step(definition, outcome.state, command, NOW, decisions={})


def following(outcome: bpmn.Outcome) -> bpmn.Command | None:
    """What may come next to an instance: a task, a job, a message, a signal or a timer."""
    for waiting, tell in (
        (outcome.user_tasks, lambda key: bpmn.CompleteTask(key, {"b": 2}, None)),
        (outcome.jobs, lambda key: bpmn.CompleteJob(key, {"c": [3]})),
        (outcome.messages, lambda key: bpmn.DeliverMessage(key, {})),
        (outcome.signals, lambda key: bpmn.DeliverSignal(key, {})),
        (outcome.timers, lambda key: bpmn.FireTimer(key)),
    ):
        for one in waiting:
            return tell(one.key)
    return None


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    source=st.sampled_from(SOURCES),
    seed=st.integers(0, 2**32 - 1),
    times=st.integers(1, 8),
)
def test_a_changed_diagram_is_read_or_refused(source: bytes, seed: int, times: int) -> None:
    read(mutate(source, seed, times))


@settings(max_examples=60, deadline=None)
@given(source=st.sampled_from(SOURCES), at=st.floats(0, 1), put=st.binary(max_size=6))
def test_changed_bytes_are_read_or_refused(source: bytes, at: float, put: bytes) -> None:
    place = int(at * len(source))
    read(source[:place] + put + source[place + len(put) :])


@pytest.mark.parametrize("kind", KINDS)
def test_any_element_may_stand_anywhere(kind: str) -> None:
    for source in SOURCES[:3]:
        root = etree.fromstring(source)
        for place in list(root.iter(f"{{{BPMN}}}*"))[:12]:
            changed = etree.fromstring(source)
            twin = list(changed.iter(f"{{{BPMN}}}*"))[list(root.iter(f"{{{BPMN}}}*")).index(place)]
            etree.SubElement(twin, f"{{{BPMN}}}{kind}")
            read(etree.tostring(changed))
