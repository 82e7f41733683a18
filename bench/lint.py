"""Reading, judging and compiling a large diagram, as deployment and ``peygir lint`` do."""

from __future__ import annotations

import time
from collections.abc import Iterator
from statistics import median

import bpmn
from bench import notes
from bench.figure import Figure
from bench.large import large_diagram

ELEMENTS = 200
ROUNDS = 15


def measure() -> Iterator[Figure]:
    """``lint_200_ms``: parse and lint of 200 elements, in milliseconds of the processor.

    Every round has a diagram with expressions of its own, so that nothing is remembered. The
    quickest round counts: it always does the same work, and other programs can only add to it.
    """
    source, times = large_diagram(ELEMENTS), []
    for number in range(ROUNDS + 1):
        fresh = source.replace(b"amount", b"amount%d_" % number)
        begun = time.process_time()
        definition = bpmn.parse(fresh, "large.bpmn")
        if number:
            times.append((time.process_time() - begun) * 1000)
    count = len(definition.elements)
    notes.tell(
        f"{count} elements in {len(source) // 1000} kB: {median(times):.1f} ms in the median"
    )
    yield Figure("lint_200_ms", min(times))
