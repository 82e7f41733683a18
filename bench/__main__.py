"""``python -m bench [NAME]``: measure all figures, or the one named here or in ``ONLY``.

The exit status is 1 when a target is missed.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterable, Mapping

from bench import (
    case,
    complete,
    deliveries,
    due,
    feel,
    growth,
    lint,
    mails,
    memory,
    reclock,
    statements,
    step,
    tick,
    working_time,
)
from bench.figure import TARGETS, Figure

MEASUREMENTS: Mapping[Callable[[], Iterable[Figure]], tuple[str, ...]] = {
    complete.measure: ("complete_vs_floor", "complete_p95_vs_floor"),
    case.measure: ("case_vs_floor",),
    step.measure: ("step_vs_memory",),
    feel.measure: ("feel_us", "feel_batch_us", "decision_200_us"),
    growth.measure_loop: ("loop_growth", "loop_state_kb"),
    growth.measure_items: ("mi_sequential_growth", "mi_parallel_growth"),
    statements.measure: ("sql_per_complete",),
    memory.measure: ("web_rss_mb", "web_rss_growth"),
    lint.measure: ("lint_200_ms",),
    working_time.measure: ("working_time_us",),
    tick.measure: ("tick_idle_ms", "tick_idle_growth"),
    due.measure: ("due_vs_complete",),
    reclock.measure: ("reclock_10k_s",),
    deliveries.measure: ("deliveries_vs_jobs",),
    mails.measure: ("mail_intake_per_s", "mail_intake_rss_mb"),
}
"""What gives which figures; those that come together are measured together."""


def main(arguments: list[str]) -> int:
    """Measure and print; the exit status."""
    only = " ".join(arguments) or os.environ.get("ONLY", "").strip()
    if only and only not in TARGETS:
        sys.stderr.write(f"There is no figure {only!r}; there are: {', '.join(TARGETS)}.\n")
        return 2
    wanted = (only,) if only else tuple(TARGETS)
    printed = print_figures(wanted)
    return 0 if all(figure.ok for figure in printed) else 1


def print_figures(wanted: tuple[str, ...]) -> list[Figure]:
    """Measure the figures of these names and print each as soon as it is known."""
    printed = []
    for measure, names in MEASUREMENTS.items():
        if set(names) & set(wanted):
            printed += [print_figure(figure) for figure in measure() if figure.name in wanted]
    return printed


def print_figure(figure: Figure) -> Figure:
    """Print the figure's line."""
    sys.stdout.write(figure.line() + "\n")
    sys.stdout.flush()
    return figure


if __name__ == "__main__":
    # Asked to end, it still stops its servers and removes its folder.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    sys.exit(main(sys.argv[1:]))
