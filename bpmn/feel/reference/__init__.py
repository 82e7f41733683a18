"""What is told about FEEL to those who write it: every built-in function, operator and type.

The page is made from here and from the built-ins' own signatures; a test looks that nothing is
missing and that every example gives what the page says.
"""

from __future__ import annotations

from collections.abc import Mapping

from bpmn.feel.reference import contexts, dates, language, lists, numbers, ranges, strings
from bpmn.feel.reference.entry import Entry, Topic

FUNCTIONS: Mapping[str, Mapping[str, Entry]] = {
    "Strings": strings.ENTRIES,
    "Numbers": numbers.ENTRIES,
    "Lists": lists.ENTRIES,
    "Contexts and logic": contexts.ENTRIES,
    "Dates, times and durations": dates.ENTRIES,
    "Ranges": ranges.ENTRIES,
}
"""The functions by family, each by its name."""

LANGUAGE: tuple[Topic, ...] = language.TOPICS
"""Types, operators and expressions."""

__all__ = ["FUNCTIONS", "LANGUAGE", "Entry", "Topic"]
