"""``python -m tools.lint_rules``: prints docs/lint.md from the rules themselves."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from html import escape

from app.services.rules import Rule, catalogue

_HEAD = """\
# Every rule of the lint

What `peygir lint`, `peygir deploy`, the web and the API say about a file, each with what to draw
or write instead. An **error** refuses the file, a **warning** does not (`peygir lint --strict`
counts it as an error). Where a finding fills something in, an ellipsis stands here. The names of
rules are stable: they are the `rule` of the API and of `--format json`, and the `ruleId` of
`--format sarif`.

This page is made from the rules by `make lint-rules`.
"""
_TITLES = {
    "xml": "The file as XML",
    "file": "The file",
    "process": "The process",
    "id": "Ids",
    "element": "Elements",
    "extension": "Extensions of other tools",
    "pool": "Pools and message flows",
    "lane": "Lanes",
    "association": "Associations",
    "reference": "Names that lead nowhere",
    "text": "Lengths",
    "flow": "Sequence flows",
    "gateway": "Gateways",
    "subprocess": "Subprocesses",
    "event": "Events",
    "boundary": "Boundary events",
    "task": "Tasks",
    "loop": "Loops and several instances",
    "mapping": "Mappings",
    "feel": "Expressions",
    "stage": "Stages of the customer's track",
    "waits": "Waiting for others",
    "call": "Calls of other processes",
    "ad-hoc": "Ad-hoc subprocesses",
    "compensation": "Compensation",
    "cancel": "Cancelling a transaction",
    "start": "Beginnings",
    "style": "Style",
    "proof": "What can be proved of the flow",
    "data": "Variables",
    "dmn": "Decision tables",
    "form": "Forms",
}


def page() -> str:
    """The whole page: one table for each group of rules, in both languages."""
    pairs = zip(catalogue("en"), catalogue("fa"), strict=True)
    grouped: dict[str, list[tuple[Rule, Rule]]] = {}
    for english, persian in pairs:
        grouped.setdefault(english.id.partition(".")[0], []).append((english, persian))
    parts = [_HEAD, *(text for group in grouped.items() for text in _section(*group))]
    return "\n".join(parts).rstrip() + "\n"


def _section(group: str, rules: list[tuple[Rule, Rule]]) -> Iterator[str]:
    yield f"## {_TITLES.get(group, group.capitalize())}\n"
    for english, persian in ((escaped(one), escaped(two)) for one, two in rules):
        yield f"### `{english.id}`\n"
        yield f"*{english.severity}* · {english.meaning} **{english.remedy}**\n"
        yield f'<p dir="rtl" lang="fa">{persian.meaning} <b>{persian.remedy}</b></p>\n'


def escaped(rule: Rule) -> Rule:
    """The rule with its signs as HTML wants them."""
    texts = (escape(rule.meaning, quote=False), escape(rule.remedy, quote=False))
    return replace(rule, meaning=texts[0], remedy=texts[1])


if __name__ == "__main__":
    sys.stdout.write(page())
