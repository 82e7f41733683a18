"""One human step with restoring and saving around it, beside the same step in memory.

Both take the step, forget what is finished and work out all that waits now. One begins with
the stored bytes and ends with the new ones; the other keeps the living engine object.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any

import bpmn
from app.services.deployment import shipped
from bench import notes
from bench.complaints import PATH, answers, submission
from bench.figure import Figure
from bpmn.engine import begin
from bpmn.instance import Context, Instance
from bpmn.outcome import outcome_of
from bpmn.stepper import take

ROUNDS = 9
TURNS = 150
CASES = 30
NOW = datetime(2026, 5, 2, 6, 0, tzinfo=UTC)

LOOP = b"""<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
    xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"
    xmlns:modeler="http://camunda.org/schema/modeler/1.0"
    xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" id="definitions"
    targetNamespace="http://bpmn.io/schema/bpmn" modeler:executionPlatform="Camunda Cloud"
    modeler:executionPlatformVersion="8.6.0">
  <bpmn:process id="loop" name="Review again and again" isExecutable="true">
    <bpmn:startEvent id="start" name="Asked"><bpmn:outgoing>f1</bpmn:outgoing></bpmn:startEvent>
    <bpmn:sequenceFlow id="f1" sourceRef="start" targetRef="again" />
    <bpmn:exclusiveGateway id="again">
      <bpmn:incoming>f1</bpmn:incoming><bpmn:incoming>f5</bpmn:incoming>
      <bpmn:outgoing>f2</bpmn:outgoing>
    </bpmn:exclusiveGateway>
    <bpmn:sequenceFlow id="f2" sourceRef="again" targetRef="review" />
    <bpmn:userTask id="review" name="Review">
      <bpmn:extensionElements>
        <zeebe:userTask /><zeebe:assignmentDefinition candidateGroups="complaints" />
      </bpmn:extensionElements>
      <bpmn:incoming>f2</bpmn:incoming><bpmn:outgoing>f3</bpmn:outgoing>
    </bpmn:userTask>
    <bpmn:sequenceFlow id="f3" sourceRef="review" targetRef="is_good" />
    <bpmn:exclusiveGateway id="is_good" name="Good?" default="f5">
      <bpmn:incoming>f3</bpmn:incoming>
      <bpmn:outgoing>f4</bpmn:outgoing><bpmn:outgoing>f5</bpmn:outgoing>
    </bpmn:exclusiveGateway>
    <bpmn:sequenceFlow id="f4" name="Yes" sourceRef="is_good" targetRef="end">
      <bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">=good</bpmn:conditionExpression>
    </bpmn:sequenceFlow>
    <bpmn:sequenceFlow id="f5" name="No" sourceRef="is_good" targetRef="again" />
    <bpmn:endEvent id="end" name="Done"><bpmn:incoming>f4</bpmn:incoming></bpmn:endEvent>
  </bpmn:process>
</bpmn:definitions>
"""

Take = Callable[[bpmn.Command], bpmn.Outcome]
Way = Callable[["Story"], Iterator[float]]


@dataclass(frozen=True)
class Story:
    """A process with what it needs to run."""

    definition: bpmn.Definition
    variables: Mapping[str, Any]
    decisions: Mapping[str, Any]
    functions: Mapping[str, Callable[..., datetime]]


def measure() -> Iterator[Figure]:
    """``step_vs_memory``: of a loop and of the complaint, the worse."""
    stories = ((_loop(), _turn_the_loop, TURNS), (_complaint(), _handle_the_complaint, CASES))
    ratios = []
    for story, walk, times in stories:
        pairs = list(_rounds(story, walk, times))
        ratio = median(stored / living for living, stored in pairs)
        living, stored = (median(column) * 1000 for column in zip(*pairs, strict=True))
        notes.tell(f"{story.definition.key}: {living:.3f} ms in memory, {stored:.3f} ms stored")
        ratios.append(ratio)
    yield Figure("step_vs_memory", max(ratios))


def _rounds(
    story: Story, walk: Callable[[Take, bpmn.Outcome], Iterator[float]], times: int
) -> Iterator[tuple[float, float]]:
    """The median seconds of a step in memory and of one restored and saved, round by round."""
    for number in range(ROUNDS + 1):
        living: list[float] = []
        stored: list[float] = []
        for _ in range(times if walk is _handle_the_complaint else 1):
            living += walk(*_in_memory(story))
            stored += walk(*_restored(story))
        if number:
            yield median(living), median(stored)


def _in_memory(story: Story) -> tuple[Take, bpmn.Outcome]:
    context = Context(NOW, story.functions, story.decisions)
    instance = begin(story.definition, story.variables, context, None)

    def step(command: bpmn.Command) -> bpmn.Outcome:
        instance.trace, instance.ended = [], []
        take(instance, command)
        return _rest(instance)

    return step, _rest(instance)


def _rest(instance: Instance) -> bpmn.Outcome:
    instance.rebase()
    return outcome_of(instance, b"")


def _restored(story: Story) -> tuple[Take, bpmn.Outcome]:
    given: dict[str, Any] = {"decisions": story.decisions, "functions": story.functions}
    first = bpmn.start(story.definition, story.variables, NOW, **given)
    state = first.state

    def step(command: bpmn.Command) -> bpmn.Outcome:
        nonlocal state
        outcome = bpmn.step(story.definition, state, command, NOW, **given)
        state = outcome.state
        return outcome

    return step, first


def _loop() -> Story:
    return Story(bpmn.parse(LOOP, "loop.bpmn"), {"request": _request(), "good": False}, {}, {})


def _turn_the_loop(step: Take, outcome: bpmn.Outcome) -> Iterator[float]:
    for _ in range(TURNS):
        command = bpmn.CompleteTask(outcome.user_tasks[0].key, {"good": False}, "sara")
        begun = time.perf_counter()
        outcome = step(command)
        yield time.perf_counter() - begun


def _complaint() -> Story:
    tables = [bpmn.parse_decision(*_file(one.name)) for one in DECISIONS]
    said = submission(1)
    variables = {**said["data"], "priority": "normal", "request": _request()}
    functions = {
        "working_time_from_now": lambda duration: NOW + 2 * duration,
        "working_days_from_now": lambda days: NOW + timedelta(days=int(days)),
    }
    definition = bpmn.parse(*_file("complaint.bpmn"))
    decisions = {name: table for table in tables for name in table.decisions}
    return Story(definition, variables, decisions, functions)


DECISIONS = sorted(shipped.DIAGRAMS.glob("complaint-*.dmn"))


def _file(name: str) -> tuple[bytes, str]:
    return (shipped.DIAGRAMS / name).read_bytes(), name


def _request() -> dict[str, Any]:
    said = submission(1)
    customer = {"tier": "standard", "phone": None, **said["customer"]}
    facts = {name: said[name] for name in ("service", "subject", "description", "language")}
    return {
        **facts,
        "number": "R-000001",
        "channel": "api",
        "created_at": NOW.isoformat(),
        "confidential": False,
        "customer": customer,
    }


GIVEN = {"find-alike": {"alike": 0, "numbers": [], "trend": False}}
"""What service tasks give back, by their types."""


def _handle_the_complaint(step: Take, outcome: bpmn.Outcome) -> Iterator[float]:
    """Only the human steps are timed; letters and the customer's answer lie between them, and the
    weeks until the survey behind them."""
    left = len(PATH)
    while left:
        if outcome.jobs:
            job = outcome.jobs[0]
            outcome = step(bpmn.CompleteJob(job.key, GIVEN.get(job.type, {})))
        elif outcome.user_tasks:
            task = outcome.user_tasks[0]
            command = bpmn.CompleteTask(task.key, answers(task.element), PATH[task.element])
            begun = time.perf_counter()
            outcome = step(command)
            yield time.perf_counter() - begun
            left -= 1
        else:
            key = next(m.key for m in outcome.messages if m.message == "customer_answer")
            outcome = step(bpmn.DeliverMessage(key, {"answer": "accept", "reason": ""}))
