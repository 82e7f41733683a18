"""Test cases of processes: read from a file beside the diagram, run in memory, reported.

Nothing here needs a database; what a process meets of the world around it comes as a ``World``.
"""

from __future__ import annotations

from bpmn.cases.folder import ENDING, Suite, diagram_of, open_suite
from bpmn.cases.model import BadCase, Case, CaseFile, Expect, Start, Supports
from bpmn.cases.reader import BadCases, read_cases
from bpmn.cases.report import as_json, as_junit, as_text
from bpmn.cases.runner import (
    CaseResult,
    FileResult,
    Problem,
    run_case,
    run_cases,
    run_refusal,
    untested,
)
from bpmn.cases.tracing import Coverage, measure, words_of
from bpmn.cases.world import World

__all__ = [
    "ENDING", "BadCase", "BadCases", "Case", "CaseFile", "CaseResult", "Coverage", "Expect",
    "FileResult", "Problem", "Start", "Suite", "Supports", "World", "as_json", "as_junit",
    "as_text", "diagram_of", "measure", "open_suite", "read_cases", "run_case", "run_cases",
    "run_refusal", "untested", "words_of",
]  # fmt: skip
