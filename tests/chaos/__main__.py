"""``python -m tests.chaos [--complaints 500] [--kills 200] [--seed N]``: prints what it saw; exit 1
when something was lost or happened twice."""

from __future__ import annotations

import argparse
from random import SystemRandom

from tests.chaos.run import Plan, run


def main() -> int:
    """Read the numbers, go through the plan, say how it went."""
    asked = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    asked.add_argument("--complaints", type=int, default=500)
    asked.add_argument("--kills", type=int, default=200)
    asked.add_argument("--patience", type=float, default=3600)
    asked.add_argument("--seed", type=int, default=SystemRandom().randrange(10**6))
    given = asked.parse_args()
    _say(f"seed {given.seed}")
    score = run(Plan(given.complaints, given.kills, given.patience, given.seed), tell=_say)
    _say(score)
    return int(bool(score.wrong))


def _say(told: object) -> None:
    print(told, flush=True)  # noqa: T201  # A program for people.


if __name__ == "__main__":
    raise SystemExit(main())
