"""Decision tables judged before they run: types, overlaps, gaps, rules never reached."""

from __future__ import annotations

from bpmn.decision.checks.judge import check_table
from bpmn.decision.checks.written import Written, WrittenColumn, WrittenRule, WrittenTable

__all__ = ["Written", "WrittenColumn", "WrittenRule", "WrittenTable", "check_table"]
