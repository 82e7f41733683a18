"""The complaint that ``step_vs_memory`` measures comes to its end, as it is shipped today."""

from __future__ import annotations

from bench import step
from bench.complaints import PATH


def test_the_complaint_is_handled_to_its_end_in_memory_and_stored() -> None:
    story = step._complaint()
    for way in (step._in_memory, step._restored):
        assert len(list(step._handle_the_complaint(*way(story)))) == len(PATH)


def test_the_loop_turns() -> None:
    for way in (step._in_memory, step._restored):
        assert len(list(step._turn_the_loop(*way(step._loop())))) == step.TURNS
