"""What a case expects against what is: a sentence for every difference."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import Any

from bpmn.cases.model import Expect
from bpmn.cases.story import Story
from bpmn.cases.tracing import words_of
from bpmn.shortening import shorten
from bpmn.values import BadVariables, plain_variables

_SHORT = 400


def differences(story: Story, expect: Expect) -> list[str]:
    """Every way in which the story is not as expected; empty when it is."""
    found: list[str] = []
    for name, look in _LOOKS.items():
        expected = getattr(expect, name)
        if expected is not None:
            found += look(story, expected)
    return found


def _status(story: Story, expected: str) -> Iterator[str]:
    if story.at.status != expected:
        yield f"status: expected {expected}, was {story.at.status}."


def _ends(story: Story, expected: Sequence[str]) -> Iterator[str]:
    if list(expected) != story.ends:
        yield f"ends: expected {_said(expected)}, was {_said(story.ends)}."


def _tokens(story: Story, expected: Sequence[str]) -> Iterator[str]:
    yield from _same_ones("tokens", expected, story.at.tokens)


def _faults(story: Story, expected: Sequence[str]) -> Iterator[str]:
    """Each as ``element`` or, where the case is that exact, as ``element code``."""
    standing = sorted((fault.element, fault.code) for fault in story.at.faults)
    exact = {said for said in expected if " " in said}
    told = [f"{e} {c}" if f"{e} {c}" in exact else e for e, c in standing]
    yield from _same_ones("faults", expected, told)


def _same_ones(what: str, expected: Sequence[str], was: Sequence[str]) -> Iterator[str]:
    if Counter(expected) != Counter(was):
        yield f"{what}: expected {_said(sorted(expected))}, was {_said(sorted(was))}."


def _variables(story: Story, expected: Mapping[str, Any]) -> Iterator[str]:
    known = story.at.variables
    try:
        plain = plain_variables(expected)
    except BadVariables as error:
        yield f"variables: {error}"
        return
    for name, value in plain.items():
        if name not in known:
            yield f"variables: expected {name} = {_said(value)}, but there is no {name}."
        elif not _equal(known[name], value):
            yield f"variables: expected {name} = {_said(value)}, was {_said(known[name])}."


def _equal(one: Any, other: Any) -> bool:
    """Whether two JSON values are the same; true is not 1, but 1 is 1.0."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_equal(one[k], other[k]) for k in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_equal, one, other))
    return bool(one == other)


def _path(story: Story, expected: Sequence[str]) -> Iterator[str]:
    entered = _entered(story)
    rest = iter(entered)
    for number, element in enumerate(expected, 1):
        if element not in rest:
            what = "never entered" if element not in entered else "not entered after those before"
            yield f"path: {element} (number {number}) was {what}; the path was {_said(entered)}."
            return


def _avoids(story: Story, expected: Sequence[str]) -> Iterator[str]:
    entered = set(_entered(story))
    for element in expected:
        if element in entered:
            yield f"avoids: {element} was entered."


def _entered(story: Story) -> list[str]:
    return [t.element for t in story.trace if t.kind == "entered" and t.element]


def _trace(story: Story, expected: Sequence[str]) -> Iterator[str]:
    was = [words_of(one) for one in story.trace]
    for number, (one, other) in enumerate(zip_longest(expected, was), 1):
        if one != other:
            yield f"trace: entry {number}: expected {one or 'its end'}, was {other or 'its end'}."
            yield f"trace: all of it was {json.dumps(was, ensure_ascii=False)}"
            return


def _sent(story: Story, expected: Mapping[str, Sequence[Mapping[str, Any]]]) -> Iterator[str]:
    heard = story.world.sent()
    for element, calls in expected.items():
        was = [one.values for one in heard if one.element == element]
        if len(was) != len(calls):
            told = _said([f"{one.get('method')} {one.get('path')}" for one in was])
            yield f"sent: {element}: expected {len(calls)} calls, was {len(was)}: {told}."
        for number, (one, other) in enumerate(zip(calls, was, strict=False), 1):
            yield from _call(f"sent: {element}: call {number}", one, other)


def _call(where: str, expected: Mapping[str, Any], was: Mapping[str, Any]) -> Iterator[str]:
    """What of a call is not as expected; of query and headers only those that are named count."""
    for name, value in expected.items():
        if name in ("query", "headers"):
            known = {key.lower(): one for key, one in was.get(name, {}).items()}
            inner = {key: one for key, one in value.items() if known.get(key.lower()) != one}
            for key in inner:
                told = _said(known.get(key.lower()))
                yield f"{where}: {name}.{key}: expected {_said(value[key])}, was {told}."
        elif name not in was:
            yield f"{where}: expected {name} = {_said(value)}, but this call has no {name}."
        elif not _equal(value, was[name]):
            yield f"{where}: {name}: expected {_said(value)}, was {_said(was[name])}."


def _said(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return shorten(text, _SHORT)


_LOOKS: Mapping[str, Callable[[Story, Any], Iterator[str]]] = {
    "status": _status, "ends": _ends, "tokens": _tokens, "faults": _faults,
    "variables": _variables, "path": _path, "avoids": _avoids, "trace": _trace, "sent": _sent,
}  # fmt: skip
