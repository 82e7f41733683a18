"""What each kind of step does to a story."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bpmn.cases import checks, model
from bpmn.cases.giving import MOST_BY_THEMSELVES, give
from bpmn.cases.story import Story
from bpmn.cases.stuck import Different, Stuck
from bpmn.commands import (
    ActivateElement,
    Command,
    CompleteJob,
    CompleteTask,
    DeliverSignal,
    FailJob,
    MoveToken,
    RetryFault,
    SetVariables,
    SkipFault,
    ThrowError,
)
from bpmn.timing import NotATime


def complete(story: Story, step: model.Complete) -> None:
    """A person finishes a user task."""
    task = story.task(step.element)
    if task is None:
        raise Stuck(f"No user task waits at “{step.element}”.")
    by = step.by or story.case.by
    story.tell(CompleteTask(task.key, story.answers(task, step.data, by), by))


def finish_job(story: Story, step: model.FinishJob) -> None:
    """A job gives a result, throws an error or fails."""
    job = story.job(step.job)
    if job is None:
        raise Stuck(f"No job waits at “{step.job}”, nor of that type.")
    command: Command = CompleteJob(job.key, step.result)
    if step.error is not None:
        command = ThrowError(job.key, step.error, step.error, step.result)
    elif step.fail is not None:
        command = FailJob(job.key, "failed", step.fail)
    story.tell(command)


def tell(story: Story, step: model.Tell) -> None:
    """A message arrives."""
    story.deliver(step.message, step.data, step.correlation)


def post(story: Story, step: model.Post) -> None:
    """A partner posts a webhook, which is let in or must be refused."""
    try:
        message, data, key = story.world.receive(step)
    except ValueError as error:
        if not step.refused:
            raise Stuck(f"The webhook is not let in: {error}.") from error
        return
    if step.refused:
        raise Stuck("The webhook is let in, but it should be refused.")
    story.deliver(message, data, key)


def broadcast(story: Story, step: model.Broadcast) -> None:
    """Every place that waits for a signal hears it, unless hearing it elsewhere took it away."""
    hearing = [one.key for one in story.at.signals if one.signal == step.signal]
    if not hearing:
        raise Stuck(f"Nothing waits for the signal “{step.signal}”.")
    for key in hearing:
        if any(one.key == key for one in story.at.signals):
            story.tell(DeliverSignal(key, step.data))


def ring(story: Story, step: model.Ring) -> None:
    """All timers that come before it fire, then the timer of the element."""
    wanted = story.timer(step.timer)
    for _ in range(MOST_BY_THEMSELVES):
        first = story.next_timer(wanted.due_at)
        if first is None or first.due_at >= wanted.due_at:
            break
        story.fire(first)
        give(story)
        wanted = story.timer(step.timer)
    story.fire(wanted)


def wait(story: Story, step: model.Pass) -> None:
    """Time goes on, and what comes due fires."""
    try:
        until = step.span.after(story.now)
    except NotATime as error:
        raise Stuck(f"The clock cannot go on so long: {error}") from error
    for _ in range(MOST_BY_THEMSELVES):
        timer = story.next_timer(until)
        if timer is None:
            story.now = until
            return
        story.fire(timer)
        give(story)
    raise Stuck(f"More than {MOST_BY_THEMSELVES} timers came due.")


def retry(story: Story, step: model.Retry) -> None:
    """An operator tries a fault again."""
    fault = next((f for f in story.at.faults if f.element == step.element), None)
    if fault is None:
        raise Stuck(f"No fault stands at “{step.element}”.")
    story.tell(RetryFault(fault.key, step.data))


def skip(story: Story, step: model.Skip) -> None:
    """An operator takes a faulted element as done."""
    fault = next((f for f in story.at.faults if f.element == step.element), None)
    if fault is None:
        raise Stuck(f"No fault stands at “{step.element}”.")
    story.tell(SkipFault(fault.key, step.data, step.flow))


def change(story: Story, step: model.Change) -> None:
    """An operator changes variables."""
    story.tell(SetVariables(step.variables, step.scope))


def move(story: Story, step: model.Move) -> None:
    """An operator moves the token that stands at an element."""
    story.tell(MoveToken(step.element, step.to))


def activate(story: Story, step: model.Activate) -> None:
    """Somebody asks for an element."""
    running = next((one for one in story.at.activatable if step.element in one.elements), None)
    if running is None:
        raise Stuck(f"“{step.element}” cannot be activated now.")
    story.tell(ActivateElement(running.key, step.element))


def expect(story: Story, step: model.Expect) -> None:
    """Something must be true now."""
    found = checks.differences(story, step)
    if found:
        raise Different(found)


_DO: Mapping[type, Callable[[Story, Any], None]] = {
    model.Complete: complete, model.FinishJob: finish_job, model.Tell: tell,
    model.Broadcast: broadcast, model.Ring: ring, model.Pass: wait, model.Retry: retry,
    model.Skip: skip, model.Change: change, model.Move: move,
    model.Activate: activate, model.Expect: expect, model.Post: post,
}  # fmt: skip


def perform(story: Story, step: model.Step) -> None:
    """Do what a step says; raises ``Stuck`` when it cannot be done, ``Different`` when it fails."""
    _DO[type(step)](story, step)
