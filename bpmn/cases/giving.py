"""What is given without a step: answers of people and results of jobs, listed beforehand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from bpmn.cases import model
from bpmn.cases.stuck import Stuck
from bpmn.commands import Command, CompleteJob, CompleteTask

if TYPE_CHECKING:
    from bpmn.cases.story import Story

MOST_BY_THEMSELVES = 10_000
"""Answers, results and timers that one step may draw without being told one by one."""


class Giving:
    """What is given without a step: answers and results, those of a list in turn."""

    def __init__(self, case: model.Case) -> None:
        self.used: dict[tuple[str, str], int] = {}
        self.case = case

    def answer(self, element: str) -> Mapping[str, Any] | None:
        """What the user task of an element is answered now."""
        return self._next("answers", self.case.answers, element)

    def result(self, element: str, kind: str) -> Mapping[str, Any] | None:
        """What comes back from a job: of its element if that is given, else of its type."""
        given = self.case.jobs
        return self._next("jobs", given, element if element in given else kind)

    def _next(self, what: str, given: model.Given, name: str) -> Mapping[str, Any] | None:
        said = given.get(name)
        if said is None or isinstance(said, Mapping):
            return said
        turn = self.used.get((what, name), 0)
        self.used[(what, name)] = turn + 1
        return said[turn] if turn < len(said) else None


def give(story: Story) -> None:
    """Give what waits and has no step left for it: jobs first, then answers, oldest first."""
    for _ in range(MOST_BY_THEMSELVES):
        command = _next_given(story)
        if command is None:
            return
        story.tell(command)
    raise Stuck(
        f"More than {MOST_BY_THEMSELVES} answers and results were given by themselves; the process"
        " seems to go round for ever. Give them as a list, or by steps."
    )


def _next_given(story: Story) -> Command | None:
    moved = {step.element for step in story.rest if isinstance(step, model.Move)}
    jobs = moved | {step.job for step in story.rest if isinstance(step, model.FinishJob)}
    tasks = moved | {step.element for step in story.rest if isinstance(step, model.Complete)}
    for job in story.at.jobs:
        if not {job.element, job.type} & jobs:
            result = story.giving.result(job.element, job.type)
            if result is not None:
                return CompleteJob(job.key, result)
            carried_out = story.world.carry_out(job)
            if carried_out is not None:
                return carried_out
    for task in story.at.user_tasks:
        answer = None if task.element in tasks else story.giving.answer(task.element)
        if answer is not None:
            by = story.case.by
            return CompleteTask(task.key, story.answers(task, answer, by), by)
    return None
