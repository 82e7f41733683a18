"""Findings, made from the rules' texts in English and Persian.

A message says what is wrong, a remedy what to draw or write instead. The names of rules are
stable: pages, tests and translations refer to them. Their texts stand in ``rules_*.py``, four
for each rule: English, its remedy, Persian, its remedy.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from bpmn import (
    rules_adhoc,
    rules_calls,
    rules_catching,
    rules_compensation,
    rules_data,
    rules_decisions,
    rules_events,
    rules_file,
    rules_flows,
    rules_graph,
    rules_starts,
    rules_style,
    rules_tables,
    rules_tasks,
    rules_xml,
)
from bpmn.bidi import set_apart, set_examples_apart
from bpmn.model import Finding
from bpmn.shortening import LONGEST, shorten
from bpmn.what import in_persian

RULES: Mapping[str, tuple[str, str, str, str]] = {
    **rules_xml.RULES,
    **rules_file.RULES,
    **rules_flows.RULES,
    **rules_starts.RULES,
    **rules_style.RULES,
    **rules_events.RULES,
    **rules_catching.RULES,
    **rules_tasks.RULES,
    **rules_calls.RULES,
    **rules_data.RULES,
    **rules_adhoc.RULES,
    **rules_compensation.RULES,
    **rules_decisions.RULES,
    **rules_graph.RULES,
    **rules_tables.RULES,
}
"""Every rule with what is wrong and the remedy, in English, then in Persian."""

WARNINGS = frozenset(
    {
        *rules_style.RULES,
        *rules_decisions.WARNINGS,
        *rules_graph.WARNINGS,
        *rules_tables.WARNINGS,
        "pool.message-event",
        "process.unsaid", "element.foreign", "extension.ignored", "extension.idle",
        "extension.meant", "task.performer-idle",
        "mapping.twice", "call.endless",
        "flow.no-default", "flow.default-never", "flow.misplaced", "call.race",
        "event.error-uncaught",
        "event.escalation-uncaught", "event.condition-clock",
        "task.follow-up", "stage.label",
        "compensation.never", "compensation.nothing", "cancel.never",
    }
)  # fmt: skip
"""Rules that warn; all others refuse."""


def finding(
    rule: str,
    line: int,
    element: str,
    filename: str = "",
    persian: Mapping[str, object] | None = None,
    /,
    *,
    warning: bool = False,
    **details: object,
) -> Finding:
    """The finding of a rule, its message and remedy filled in for both languages.

    It warns when the rule is one of ``WARNINGS`` or ``warning`` says so. ``persian`` are the
    details that read otherwise in Persian.
    """
    words = {name: _quoted(name, word) for name, word in {"element": element, **details}.items()}
    en, remedy_en = (text.format(**words) for text in RULES[rule][:2])
    fa, remedy_fa = _say_in_persian(rule, words, persian or {})
    return Finding(
        line=line,
        element=element,
        rule=rule,
        message={"fa": fa, "en": en},
        severity="warning" if warning or rule in WARNINGS else "error",
        file=filename,
        remedy={"fa": remedy_fa, "en": remedy_en},
    )


def _quoted(name: str, word: object) -> object:
    """A word as a sentence can hold it; reasons and hints are sentences, and may be longer."""
    if not isinstance(word, str):
        return word
    return shorten(word, _SENTENCE if name.startswith(_TELLING) else LONGEST)


_SENTENCE = 600
_TELLING = ("why", "hint", "more", "where", "names", "other")


def _say_in_persian(
    rule: str, words: Mapping[str, object], persian: Mapping[str, object]
) -> Iterator[str]:
    """Message and remedy; what comes from the file is set apart, what is Persian stays."""
    other = {
        name: word if name.endswith("_fa") else set_apart(word) for name, word in words.items()
    }
    said = {**other, "what": in_persian(words.get("what")), **persian}
    return (set_examples_apart(text).format(**said) for text in RULES[rule][2:])


_GAP = re.compile(r"\{\w+\}")
_TOLD = {
    "en": "The finding says what to draw or write instead.",
    "fa": "یافته می‌گوید به‌جای آن چه بکشید یا بنویسید.",
}


def describe(
    rule: str, language: str, rules: Mapping[str, tuple[str, ...]] = RULES
) -> tuple[str, str]:
    """What a rule finds and its remedy, in ``en`` or ``fa``, for a page about all rules.

    What a finding fills in stands as an ellipsis.
    """
    wrong, remedy = rules[rule][:2] if language == "en" else rules[rule][2:]
    bare = _GAP.sub("", remedy).strip()
    return _GAP.sub("…", wrong), _GAP.sub("…", remedy) if bare else _TOLD[language]
