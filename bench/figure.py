"""One measured figure, its target and the line that tells both."""

from __future__ import annotations

import json
from dataclasses import dataclass


@dataclass(frozen=True)
class Target:
    """What a figure is held against."""

    unit: str
    bound: float
    at_least: bool = False
    """Whether larger is better; otherwise the bound is the most that is allowed."""


TARGETS = {
    "complete_vs_floor": Target("ratio", 0.35, at_least=True),
    "complete_p95_vs_floor": Target("ratio", 4),
    "case_vs_floor": Target("ratio", 0.4, at_least=True),
    "step_vs_memory": Target("ratio", 3),
    "feel_us": Target("µs", 10),
    "feel_batch_us": Target("µs", 80),
    "decision_200_us": Target("µs", 250),
    "loop_growth": Target("ratio", 1.3),
    "loop_state_kb": Target("kB", 64),
    "mi_sequential_growth": Target("ratio", 2),
    "mi_parallel_growth": Target("ratio", 2),
    "sql_per_complete": Target("statements", 25),
    "web_rss_mb": Target("MB", 200),
    "web_rss_growth": Target("ratio", 1.05),
    "lint_200_ms": Target("ms", 50),
    "working_time_us": Target("µs", 50),
    "tick_idle_ms": Target("ms", 5),
    "tick_idle_growth": Target("ratio", 2),
    "due_vs_complete": Target("ratio", 0.5, at_least=True),
    "reclock_10k_s": Target("s", 60),
    "deliveries_vs_jobs": Target("ratio", 0.5, at_least=True),
    "mail_intake_per_s": Target("mails/s", 10, at_least=True),
    "mail_intake_rss_mb": Target("MB", 300),
}
"""Every figure by its name, in the order they are measured."""


@dataclass(frozen=True)
class Figure:
    """One measured value."""

    name: str
    value: float

    @property
    def ok(self) -> bool:
        """Whether the target is met."""
        target = TARGETS[self.name]
        return self.value >= target.bound if target.at_least else self.value <= target.bound

    def line(self) -> str:
        """``{"name", "value", "unit", "target", "ok"}`` as one line of JSON."""
        target = TARGETS[self.name]
        sign = ">=" if target.at_least else "<="
        told = {
            "name": self.name,
            "value": round(self.value, 3),
            "unit": target.unit,
            "target": f"{sign} {target.bound:g}",
            "ok": self.ok,
        }
        return json.dumps(told)
