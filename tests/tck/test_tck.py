"""The DMN TCK holds the line, wherever its data is at hand."""

from __future__ import annotations

import pytest

from tests.tck import cases
from tests.tck.line import EVERYTHING
from tests.tck.runner import Totals, run_all


@pytest.mark.slow
def test_the_tck_stays_above_the_line() -> None:
    if not cases.directories():
        pytest.skip(f"The data of the DMN TCK is not in {cases.folder()} (PEYGIR_TCK_DIR).")
    totals = Totals()
    failed: list[str] = []
    for node in run_all():
        totals.add(node)
        if not node.passed:
            failed.append(f"{node.directory} {node.name}")
    assert totals.everything.all == EVERYTHING
    assert totals.is_above_the_line, "\n".join(failed)
