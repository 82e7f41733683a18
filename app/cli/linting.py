"""``peygir lint``: findings as text, as JSON, and as SARIF 2.1.0 for other tools."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from app.cli.sarif import sarif_of
from app.cli.wording import NOT_LOOKED_AT, RIGHT, SEVERITIES, SUMMARY, printable

if TYPE_CHECKING:
    from app.services.deployment.linting import Report
    from bpmn import Finding

_ENDINGS = frozenset({".bpmn", ".dmn", ".form"})


def lint_files(paths: Iterable[Path], style: str, language: str, strict: bool) -> int:
    """Judges all files, prints in the style and language asked for; the exit code."""
    from app.services.deployment.judging import Source
    from app.services.deployment.linting import judge
    from bpmn.files import read_file

    sources, unreadable = [], []
    for path in dict.fromkeys(_meant(paths)):
        try:
            sources.append(Source(str(path), read_file(path)))
        except OSError as error:
            unreadable.append((str(path), _told_unreadable(path, error)))
    report: Report = judge(sources)
    for name, found in unreadable:
        report.files.append(name)
        report.add(name, [found])
    click.echo(printable(_STYLES[style](report, language)))
    return int(report.errors > 0 or (strict and report.warnings > 0))


def _meant(paths: Iterable[Path]) -> Iterator[Path]:
    """The files, and of a folder all in it that can be judged; a folder without any stays."""
    for path in paths:
        inside = path.rglob("*") if path.is_dir() else ()
        yield from sorted(one for one in inside if one.suffix in _ENDINGS) or [path]


def _told_unreadable(path: Path, error: OSError) -> Finding:
    from bpmn.files import NotRegular
    from bpmn.findings import finding

    if path.is_dir():
        return finding("file.folder-empty", 1, "")
    if isinstance(error, NotRegular):
        return finding("file.not-regular", 1, "")
    return finding("file.unreadable", 1, "", why=error.strerror or str(error))


def pick(text: Mapping[str, str], language: str) -> str:
    """The text in the language, else in the one it has."""
    return text.get(language) or next(iter(text.values()), "")


def unchecked_of(report: Report, language: str) -> list[str]:
    """A sentence for each kind of name that only an installation knows."""
    return [
        NOT_LOOKED_AT[kind][language].format(names=", ".join(sorted(report.unchecked[kind])))
        for kind in sorted(report.unchecked)
    ]


def _text(report: Report, language: str) -> str:
    lines = [tell(one, one.file, language) for one in report.findings]
    wrong = {one.file for one in report.findings}
    lines += [f"{name}: {RIGHT[language]}" for name in report.files if name not in wrong]
    lines += unchecked_of(report, language)
    if report.findings:
        lines.append(SUMMARY[language].format(errors=report.errors, warnings=report.warnings))
    return "\n".join(lines)


def tell(one: Finding, name: str, language: str) -> str:
    """A finding in one line: file, line, element, severity, rule, what is wrong, remedy."""
    where = f"{name}:{one.line} {one.element}".rstrip()
    said = f"{pick(one.message, language)} {pick(one.remedy, language)}".strip()
    return f"{where} {SEVERITIES[language][one.severity]} [{one.rule}] {said}"


def _json(report: Report, language: str) -> str:
    whole = {
        "files": report.files,
        "errors": report.errors,
        "warnings": report.warnings,
        "findings": [_told(one, language) for one in report.findings],
        "unchecked": {kind: sorted(names) for kind, names in sorted(report.unchecked.items())},
    }
    return json.dumps(whole, ensure_ascii=False, indent=2)


def _told(one: Finding, language: str) -> dict[str, Any]:
    return {
        "file": one.file,
        "line": one.line,
        "element": one.element,
        "rule": one.rule,
        "severity": one.severity,
        "message": pick(one.message, language),
        "remedy": pick(one.remedy, language),
    }


def _sarif(report: Report, language: str) -> str:
    whole = sarif_of(report.findings, report.files, unchecked_of(report, language), language)
    return json.dumps(whole, ensure_ascii=False, indent=2)


_STYLES: Mapping[str, Callable[[Report, str], str]] = {
    "text": _text, "json": _json, "sarif": _sarif,
}  # fmt: skip
