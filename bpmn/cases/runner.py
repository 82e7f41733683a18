"""Runs the cases of one diagram, each from its start to what it expects at the end."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from functools import partial
from time import perf_counter

from bpmn.cases import model
from bpmn.cases.giving import give
from bpmn.cases.model import Case, CaseFile, Expect
from bpmn.cases.partner_shapes import ANSWERED
from bpmn.cases.steps import expect, perform
from bpmn.cases.story import Story
from bpmn.cases.stuck import Different, Stuck
from bpmn.cases.telling import describe, waits_of
from bpmn.cases.tracing import Coverage, measure
from bpmn.cases.world import World
from bpmn.definition import Definition, parse
from bpmn.errors import Refused
from bpmn.model import Finding, Trace


@dataclass(frozen=True)
class Problem:
    """Where and why a case failed."""

    at: str
    """``reading``, ``the start``, ``step 3 {"complete": "assess"}`` or ``the end``."""
    why: tuple[str, ...]
    tokens: tuple[str, ...]
    """Where tokens stood then."""
    waits: tuple[str, ...]
    """What waited then, in words."""
    now: str
    """What the clock of the case showed."""


@dataclass(frozen=True)
class CaseResult:
    """What became of one case."""

    name: str
    milliseconds: float
    problem: Problem | None
    trace: tuple[Trace, ...] = ()

    @property
    def is_ok(self) -> bool:
        """Whether all was as expected."""
        return self.problem is None


@dataclass(frozen=True)
class FileResult:
    """What became of all cases of a diagram."""

    file: str
    cases: tuple[CaseResult, ...] = ()
    coverage: tuple[Coverage, ...] = ()
    """Of the diagram itself, then of each process it called."""
    errors: tuple[str, ...] = ()
    """Why nothing was run: the diagram or the cases cannot be read."""
    has_cases: bool = True
    """False of a diagram beside which no file of cases stands."""

    def is_ok(self, least: float = 0) -> bool:
        """Whether every case is, and so much per cent of the diagram was walked through.

        A process that is called has cases of its own, which are judged with its own diagram.
        """
        enough = all(one.least >= least for one in self.coverage[:1])
        return not self.errors and enough and all(case.is_ok for case in self.cases)


def run_cases(
    definition: Definition, file: CaseFile, world: World, wanted: Callable[[str], bool] = bool
) -> FileResult:
    """Run the cases whose names are ``wanted``; what came of them, and the coverage."""
    known = set(definition.elements).union(*(p.elements for p in world.processes))
    known_types = _types(definition, world)
    run = [
        _unread(c.name, wrong) if (wrong := [*_unheard(c, file.partners, known_types)])
        else _run_known(definition, c, world, known)
        for c in file.cases if wanted(c.name)
    ]  # fmt: skip
    bad = [_unread(case.name, case.why) for case in file.bad if wanted(case.name)]
    walked = [entry for result in run for entry in result.trace]
    covered = (measure(definition, walked), *_covered(world.processes, walked))
    return FileResult(file.filename, (*run, *bad), covered)


def _covered(called: Sequence[Definition], walked: Sequence[Trace]) -> Iterator[Coverage]:
    """How much of each called process was walked through; versions of one are told apart."""
    keys = [one.key for one in called]
    for at, one in enumerate(called):
        tag = f", tag {one.version_tag}" if one.version_tag else ""
        number = keys[: at + 1].count(one.key)
        version = f"version {number}{tag}" if keys.count(one.key) > 1 else ""
        yield replace(measure(one, walked, called=True), version=version)


def untested(definition: Definition, diagram: str) -> FileResult:
    """The result of a diagram that has no cases: nothing failed, and nothing is covered."""
    return FileResult(diagram, coverage=(measure(definition, ()),), has_cases=False)


def _run_known(definition: Definition, case: Case, world: World, known: Set[str]) -> CaseResult:
    """What became of a case; one that names an element that no diagram has is not run, since a
    misspelt one would never fail."""
    unknown = [name for name in dict.fromkeys(_named(case)) if name not in known]
    if not unknown:
        return run_case(definition, case, world)
    return _unread(case.name, [f"the diagram has no element “{name}”." for name in unknown])


def _types(definition: Definition, world: World) -> Mapping[str, str]:
    """The job type of every element that says it without an expression."""
    every = [one.elements.items() for one in (*world.processes, definition)]
    return {name: one.job_type for items in every for name, one in items if one.job_type}


def _unheard(case: Case, partners: Collection[str], types: Mapping[str, str]) -> Iterator[str]:
    """What is said of tasks that no fake by HTTP serves, so that it would never be true."""
    for name in dict.fromkeys((*case.replies, *_heard_of(case))):
        kind = types.get(name)
        if kind is not None and kind not in ANSWERED:
            served = " and ".join(ANSWERED)
            yield f"“{name}” is of the type {kind}; replies and sent are for {served}."
        elif kind is not None and kind not in partners:
            yield f"“{name}” is of the type {kind}, which is not among the partners."


def _heard_of(case: Case) -> Iterator[str]:
    for said in (*case.steps, case.expect):
        if isinstance(said, Expect):
            yield from said.sent or ()


def _unread(name: str, why: Iterable[str]) -> CaseResult:
    return CaseResult(name, 0, Problem("reading", tuple(why), (), (), ""))


def run_case(definition: Definition, case: Case, world: World) -> CaseResult:
    """Run one case, in memory and with its own clock."""
    world.begin(case)
    story, began = Story(definition, case, world), perf_counter()
    problem = _play(story)
    return CaseResult(case.name, 1_000 * (perf_counter() - began), problem, tuple(story.trace))


def _play(story: Story) -> Problem | None:
    for at, do in _acts(story):
        try:
            do()
            give(story)
        except Stuck as stuck:
            return _problem(story, at, (str(stuck),))
        except Different as different:
            return _problem(story, at, different.found)
    return None


def _acts(story: Story) -> Iterator[tuple[str, Callable[[], None]]]:
    """The start, each step, and the end, with the words for it."""
    yield "the start", story.begin
    for number, step in enumerate(story.case.steps, 1):
        story.rest = story.case.steps[number:]
        yield f"step {number} {describe(step)}", partial(perform, story, step)
    yield "the end", partial(_check_end, story)


def _check_end(story: Story) -> None:
    """What the case expects, and no fault where it does not speak of faults."""
    said = story.case.expect
    expect(story, said if said.faults is not None else replace(said, faults=()))


def _problem(story: Story, at: str, why: tuple[str, ...]) -> Problem:
    now = story.now.isoformat()
    if story.outcome is None:
        return Problem(at, why, (), (), now)
    return Problem(at, why, story.outcome.tokens, tuple(waits_of(story.outcome)), now)


def _named(case: Case) -> Iterable[str]:
    yield from case.answers
    yield from (name for name in case.replies if name not in ANSWERED)
    for said in (*case.steps, case.expect):
        match said:
            case model.Complete(element) | model.Retry(element) | model.Activate(element):
                yield element
            case model.Skip(element) | model.Change(_, str(element)):
                yield element
            case model.Move(element, to):
                yield from (element, to)
            case model.Ring(timer):
                yield timer
            case model.Expect():
                yield from _expected(said)


def _expected(said: Expect) -> Iterable[str]:
    for names in (said.ends, said.tokens, said.path, said.avoids):
        yield from names or ()
    yield from said.sent or ()
    yield from (fault.split(" ")[0] for fault in said.faults or ())


def run_refusal(source: bytes, filename: str, file: CaseFile) -> FileResult:
    """Whether a diagram is refused by exactly the rules that its file names."""
    began, found = perf_counter(), _errors_of(source, filename)
    rules = {finding.rule for finding in found}
    why = tuple(_misjudged(set(file.refused), rules, found))
    problem = Problem("deployment", why, (), (), "") if why else None
    name = f"is refused: {', '.join(file.refused)}"
    return FileResult(file.filename, (CaseResult(name, 1_000 * (perf_counter() - began), problem),))


def _errors_of(source: bytes, filename: str) -> tuple[Finding, ...]:
    try:
        parse(source, filename)
    except Refused as refusal:
        return tuple(one for one in refusal.findings if one.severity == "error")
    return ()


def _misjudged(expected: set[str], rules: set[str], found: Iterable[Finding]) -> Iterator[str]:
    yield from (f"it is not refused by {rule}." for rule in sorted(expected - rules))
    for one in found:
        if one.rule not in expected:
            yield f"it is refused by {one.rule} too: {one.message['en']}"
