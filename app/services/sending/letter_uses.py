"""Where a letter is sent, and which variables it is given there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import bpmn
from app.models import ProcessDefinition
from app.services.deployment import definitions, judging
from app.services.service_levels import sla_settings
from app.services.service_levels.promise_letters import FOR_CUSTOMERS
from connectors.messages import said_by, shipped

OF_LADDERS = frozenset({"promise", "step", "due_at", "priority", "url"})
OF_LADDERS_FOR_CUSTOMERS = frozenset({"promise", "due_at", "next_promise", "next_due"})
"""What a step of a ladder gives to its letters (``promise_letters``)."""


@dataclass(frozen=True)
class Use:
    """One process or ladder that sends the letter."""

    key: str
    names: Mapping[str, str]
    id: int | None = None
    """Of the process's newest version; None for a ladder."""
    given: frozenset[str] = frozenset()
    """The variables of which it is known that something gives them."""
    anything: bool = False
    """Whether others may come, too."""

    @property
    def is_ladder(self) -> bool:
        """Whether a ladder sends it."""
        return self.id is None


def of_all() -> dict[str, list[Use]]:
    """By letter those that send it: the newest versions of processes, and ladders in force."""
    found: dict[str, list[Use]] = {}
    for letter, use in (*_in_processes(), *_in_ladders()):
        if use not in found.setdefault(letter, []):
            found[letter].append(use)
    return found


def _in_processes() -> Iterator[tuple[str, Use]]:
    fields = judging.shipped_fields()
    for row in definitions.list_latest():
        if row.kind != "bpmn":
            continue
        made = definitions.load(row.id)
        named = {one.headers.get("template", "") for one in made.elements.values()} - {""}
        use = _use_of(made, row, fields)
        yield from ((letter, use) for letter in sorted(named))


def _use_of(made: bpmn.Definition, row: ProcessDefinition, fields: judging.Fields) -> Use:
    answers = [fields.get(form) for form in made.data.forms]
    known = frozenset(name for one in answers for name in one or ())
    anything = made.data.anything or None in answers
    return Use(row.key, dict(row.names), row.id, made.data.given(known), anything)


def _in_ladders() -> Iterator[tuple[str, Use]]:
    for key in sla_settings.keys("ladder"):
        ladder = sla_settings.ladder(key)
        sent = [action.template for step in ladder.steps for action in step.actions]
        for letter in filter(None, sent):
            yield letter, Use(key, dict(ladder.names), None, _given(letter))


def _given(letter: str) -> frozenset[str]:
    return OF_LADDERS_FOR_CUSTOMERS if letter.startswith(FOR_CUSTOMERS) else OF_LADDERS


def given_to(letter: str) -> tuple[frozenset[str] | None, bool]:
    """The variables that a letter may say, and whether others may come that nobody knows of; None
    for a letter of our own that nothing sends yet.

    What the shipped letter of the same key says is given, or it could not be sent.
    """
    uses = of_all().get(letter, [])
    given = frozenset[str]().union(*(use.given for use in uses))
    if letter in shipped():
        said = [one.mention for one in said_by(letter)]
        own = frozenset(one.name for one in said if one.context == "vars")
        return given | own | _of_promises(letter), any(use.anything for use in uses)
    return (given if uses else None), any(use.anything for use in uses)


def _of_promises(letter: str) -> frozenset[str]:
    return _given(letter) if letter.startswith("promise-") else frozenset()
