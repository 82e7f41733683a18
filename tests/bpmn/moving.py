"""An instance on its way to another version, and diagrams to move between."""

from __future__ import annotations

import pytest

import bpmn
from tests.bpmn import build
from tests.bpmn.story import Story


def move(story: Story, source: bytes, **mapping: str) -> bpmn.Outcome:
    """Move the story's instance to a version and go on there."""
    new = bpmn.parse(source, "new.bpmn")
    outcome = bpmn.migrate(story.definition, new, story.outcome.state, mapping, story.now)
    story.definition = new
    story.outcome, story.last = outcome, outcome.trace
    return outcome


def plan(story: Story, source: bytes, **mapping: str) -> bpmn.MigrationPlan:
    return bpmn.plan_migration(
        story.definition, bpmn.parse(source), story.outcome.state, mapping
    )  # fmt: skip


def told(source: bytes, story: Story, **mapping: str) -> str:
    """Why the instance is refused; the plan and the attempt say the same."""
    reasons = plan(story, source, **mapping).reasons
    with pytest.raises(bpmn.CannotOperate) as error:
        bpmn.migrate(
            story.definition, bpmn.parse(source), story.outcome.state, mapping, story.now
        )  # fmt: skip
    assert error.value.texts == reasons[0]
    assert all(reason[language] for reason in reasons for language in ("en", "fa"))
    return reasons[0]["en"]


def joined(*names: str) -> bytes:
    chains = [f"split > {name} > join" for name in names]
    return build.process(
        build.start(), build.gateway("parallel", "split"), *(build.user(n) for n in names),
        build.gateway("parallel", "join"), build.user("after"), build.end(),
        build.flows("start > split", *chains, "join > after > end"),
    )  # fmt: skip
