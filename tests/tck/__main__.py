"""``python -m tests.tck [directory…] [-v]``: runs the DMN TCK and prints passed of all.

Ends with 1 when anything misses but what calls Java, with 2 when the data is missing.
"""

from __future__ import annotations

import sys
import time

from tests.tck import cases
from tests.tck.runner import Count, Node, Totals, run_directory, shown


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")


def main(arguments: list[str]) -> int:
    """Run the directories named, all when none is; ``-v`` prints every failure."""
    wanted = [argument for argument in arguments if not argument.startswith("-")]
    found = [path for path in cases.directories() if _is_wanted(path.name, wanted)]
    if not found:
        _say(f"There is no TCK data in {cases.folder()}; set PEYGIR_TCK_DIR.")
        return 2
    totals = Totals()
    began = time.perf_counter()
    for path in found:
        count = Count()
        for node in run_directory(path):
            count.add(node.passed)
            totals.add(node)
            if "-v" in arguments and not node.passed:
                _say(_failure(node))
        _say(f"{count}  {path.parent.name}/{path.name}")
    _say(f"\n{totals.everything}  all result nodes")
    _say(f"{totals.literal}  of literal expressions")
    _say(f"{totals.literal_with_value}  of these, the ones that expect a value")
    _say(f"{time.perf_counter() - began:.1f} s; only what calls Java may miss")
    return 0 if totals.is_above_the_line else 1


def _is_wanted(name: str, wanted: list[str]) -> bool:
    return not wanted or any(part in name for part in wanted)


def _failure(node: Node) -> str:
    expected, actual = shown(node.expected), shown(node.actual)
    where = f"{node.directory} {node.case} {node.name}"
    return f"  {where}: expected {expected}, got {actual} | {node.note}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
