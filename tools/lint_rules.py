"""``python -m tools.lint_rules``: prints docs/lint.md from the rules themselves."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from html import escape

from app.services.deployment.rules import Rule, catalogue

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
    "letter": "Letters",
    "connector": "Tasks of connectors",
    "template": "Message templates",
}


_NOTES = {
    "proof": """\
These speak only of what holds whatever the data are, so they are silent rather than wrong.
Proved is:

- a parallel join of which two flows lie behind one choice (an exclusive or event-based gateway, an
  interrupting boundary event, an inclusive gateway's default flow beside its other flows) that at
  most one token ever reaches;
- a parallel join with a flow that comes only from what follows the join itself;
- two inclusive joins fed straight by one parallel gateway, whose other flows come from the two
  alone;
- an exclusive join behind a parallel split, where nothing ends the process early.

Each process and subprocess is looked at by itself. Into a join of more than 30 ways each way is
compared with the next one only, up to 200 ways. Not proved is what hangs on conditions, on messages
and timers, or on tokens that come several times (loops, several instances): there nothing is said.
A terminate, error or cancel end event elsewhere may still end what waits.
""",
    "data": """\
`data.unwritten` speaks only when all that may write is known: every user task and every start event
that people begin by has a form, and all these forms are shipped or given. A user task without a
form may write anything, and then nothing is said of any variable.
""",
}
"""What stands under the title of a group, above its rules."""


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
    if group in _NOTES:
        yield _NOTES[group]
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
