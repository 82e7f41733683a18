"""The results of cases as text for people, as JSON and as JUnit XML for programs."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from lxml import etree

from bpmn.cases.runner import CaseResult, FileResult, Problem
from bpmn.cases.tracing import Coverage, warnings_of, words_of

Results = Sequence[FileResult]


def as_text(results: Results, least: float = 0) -> str:
    """A line for each case, why it failed, the coverage of each diagram, and a sum."""
    lines = [line for result in results for line in (*_of_file(result, least), "")]
    return "\n".join([*lines, _sum(results)])


def _of_file(result: FileResult, least: float) -> Iterator[str]:
    yield result.file if result.has_cases else f"{result.file}: no cases"
    yield from (f"  error   {error}" for error in result.errors)
    for case in result.cases:
        mark = "ok    " if case.is_ok else "failed"
        yield f"  {mark}  {case.milliseconds:7.1f} ms  {case.name}"
        yield from _why(case.problem) if case.problem else ()
        yield from (f"          warning: {line}" for line in warnings_of(case.trace))
    for number, one in enumerate(result.coverage):
        yield from _covered(one, 0 if number else least)


def _why(problem: Problem) -> Iterator[str]:
    yield f"          at {problem.at}" + (f", {problem.now}" if problem.now else "")
    yield from (f"            {line}" for line in problem.why)
    if problem.now:
        yield f"          tokens stand at: {', '.join(problem.tokens) or 'nowhere'}"
        yield from (f"          waits: {line}" for line in problem.waits)


def _covered(one: Coverage, least: float) -> Iterator[str]:
    short = f"; less than {least:g} %" if one.least < least else ""
    yield (
        f"  {one.title}: elements {one.of_elements:.1f} %"
        f" ({one.elements - len(one.never_entered)} of {one.elements}), flows"
        f" {one.of_flows:.1f} % ({one.flows - len(one.never_taken)} of {one.flows}){short}"
    )
    if len(one.never_entered) == one.elements:
        return
    if one.never_entered:
        yield f"    never entered: {', '.join(one.never_entered)}"
    if one.never_taken:
        yield f"    never taken: {', '.join(one.never_taken)}"


def _sum(results: Results) -> str:
    cases = [case for result in results for case in result.cases]
    failed = sum(1 for case in cases if not case.is_ok)
    errors = sum(len(result.errors) for result in results)
    said = [f"{len(cases)} case{'' if len(cases) == 1 else 's'}", f"{failed} failed"]
    said += [f"{errors} error{'' if errors == 1 else 's'}"] if errors else []
    return f"{', '.join(said)}, {sum(case.milliseconds for case in cases):.0f} ms"


def as_json(results: Results, least: float = 0) -> str:
    """The same as one JSON object; a trace stands with each case that failed."""
    said = {
        "ok": all(result.is_ok(least) for result in results),
        "min_coverage": least,
        "files": [_file_values(result) for result in results],
    }
    return json.dumps(said, ensure_ascii=False, indent=2)


def _file_values(result: FileResult) -> Mapping[str, Any]:
    return {
        "file": result.file,
        "errors": list(result.errors),
        "cases": [_case_values(case) for case in result.cases],
        "coverage": [_coverage_values(one) for one in result.coverage],
    }


def _case_values(case: CaseResult) -> Mapping[str, Any]:
    values: dict[str, Any] = {
        "name": case.name, "ok": case.is_ok, "milliseconds": round(case.milliseconds, 3),
    }  # fmt: skip
    if warnings := warnings_of(case.trace):
        values["warnings"] = warnings
    if case.problem is not None:
        problem = case.problem
        values |= {
            "at": problem.at, "why": list(problem.why), "tokens": list(problem.tokens),
            "waits": list(problem.waits), "now": problem.now,
            "trace": [words_of(entry) for entry in case.trace],
        }  # fmt: skip
    return values


def _coverage_values(one: Coverage) -> Mapping[str, Any]:
    return {
        "process": one.process,
        "version": one.version,
        "elements": {
            "total": one.elements, "percent": round(one.of_elements, 2),
            "never_entered": list(one.never_entered),
        },
        "flows": {
            "total": one.flows, "percent": round(one.of_flows, 2),
            "never_taken": list(one.never_taken),
        },
    }  # fmt: skip


def as_junit(results: Results, least: float = 0) -> str:
    """The same as JUnit XML: a suite for each file, a test case for each case."""
    root = etree.Element("testsuites")
    for result in results:
        tests = [*map(_junit_case, result.cases), *_junit_others(result, least)]
        failures = sum(1 for test in tests if test.find("failure") is not None)
        errors = sum(1 for test in tests if test.find("error") is not None)
        time = sum(case.milliseconds for case in result.cases) / 1_000
        suite = etree.SubElement(
            root, "testsuite", name=_xml(result.file), tests=str(len(tests)),
            failures=str(failures), errors=str(errors), time=f"{time:.6f}",
        )  # fmt: skip
        for test in tests:
            test.set("classname", _xml(result.file))
            suite.append(test)
    return etree.tostring(root, pretty_print=True, encoding="unicode").rstrip()


def _junit_case(case: CaseResult) -> etree._Element:
    test = etree.Element("testcase", name=_xml(case.name), time=f"{case.milliseconds / 1000:.6f}")
    if case.problem is not None:
        failure = etree.SubElement(test, "failure", message=_xml(case.problem.why[0]))
        failure.text = _xml("\n".join(line.strip() for line in _why(case.problem)))
    return test


def _junit_others(result: FileResult, least: float) -> Iterator[etree._Element]:
    """What fails beside the cases: a file that cannot be read, a diagram hardly walked through."""
    for error in result.errors:
        test = etree.Element("testcase", name="reading", time="0")
        etree.SubElement(test, "error", message=_xml(error))
        yield test
    for one in result.coverage[:1]:
        if one.least < least:
            test = etree.Element("testcase", name=f"coverage of {_xml(one.process)}", time="0")
            told = [line.strip() for line in _covered(one, least)]
            etree.SubElement(test, "failure", message=_xml(told[0])).text = _xml("\n".join(told))
            yield test


def _xml(text: str) -> str:
    """The text without the characters that XML 1.0 cannot hold."""
    return re.sub(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "\ufffd", text)
