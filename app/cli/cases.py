"""``peygir test``: finds the cases beside the diagrams, runs them and prints what came of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import click

import bpmn
import forms
import sla
from app.cli.wording import printable
from app.config import load_working_hours
from app.services.deployment.case_partners import KINDS, Partners, without_fake
from app.services.deployment.case_world import world_of
from bpmn import cases

STYLES = {"text": cases.as_text, "json": cases.as_json, "junit": cases.as_junit}


def run_files(paths: Iterable[Path], name: str, least: float, style: str) -> int:
    """Runs the cases of all files and folders and prints them; the exit code."""
    results = [_run(path, name) for path in dict.fromkeys(_test_files(paths))]
    click.echo(printable(STYLES[style](results, least)))
    if not any(result.cases or result.errors for result in results):
        click.echo("No case was run.", err=True)
        return 1
    return 0 if all(result.is_ok(least) for result in results) else 1


def _test_files(paths: Iterable[Path]) -> Iterator[Path]:
    """The file of cases of each diagram, whether it is there or not."""
    for path in paths:
        inside = (*path.rglob("*.bpmn"), *path.rglob(f"*{cases.ENDING}"))
        for found in sorted(inside) if path.is_dir() else (path,):
            is_cases = found.name.endswith(cases.ENDING)
            yield found if is_cases else found.with_suffix(cases.ENDING)


def _run(path: Path, name: str) -> cases.FileResult:
    """The results of one file; whatever cannot be read is told as its error."""
    try:
        return _run_suite(cases.open_suite(path), name)
    except cases.BadCases as bad:
        return cases.FileResult(str(path), errors=bad.problems)
    except bpmn.Refused as refusal:
        return cases.FileResult(str(path), errors=tuple(_told(refusal.findings)))
    except forms.FormRefused as refusal:
        return cases.FileResult(str(path), errors=(str(refusal),))
    except OSError as error:
        return cases.FileResult(str(path), errors=(f"{error.filename}: {error.strerror}",))


def _run_suite(suite: cases.Suite, name: str) -> cases.FileResult:
    file, definition = suite.file, suite.definition
    if definition is None and file is not None:
        return cases.run_refusal(suite.source, suite.diagram, file)
    if file is None or definition is None:
        return cases.untested(
            bpmn.parse(suite.source, suite.diagram), str(suite.path.with_name(suite.diagram))
        )
    calendar, zone = load_working_hours()
    _check_calendar(file, file.calendar or calendar)
    _check_partners(file)
    with Partners(file.partners) as partners:
        world = replace(
            world_of(suite, calendar, zone), carry_out=partners.carry_out, begin=partners.begin,
            sent=partners.sent, receive=partners.receive,
        )  # fmt: skip
        return cases.run_cases(definition, file, world, lambda said: name.lower() in said.lower())


def _check_calendar(file: cases.CaseFile, key: str) -> None:
    if key not in sla.calendars():
        names = ", ".join(sorted(sla.calendars()))
        raise cases.BadCases([f"calendar: “{key}” is not one of {names}."], file.filename)


def _check_partners(file: cases.CaseFile) -> None:
    known = ", ".join(KINDS)
    found = [f"partners[{place}]: “{one}” has no fake; there are {known}."
             for place, one in without_fake(file.partners).items()]  # fmt: skip
    if found:
        raise cases.BadCases(found, file.filename)


def _told(findings: Iterable[bpmn.Finding]) -> Iterator[str]:
    for one in findings:
        if one.severity == "error":
            where = f"{one.file}:{one.line} {one.element}".rstrip()
            yield f"{where} {one.message['en']}"
