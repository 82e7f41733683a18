"""``python -m tools.feel_reference``: prints docs/feel-reference.md from the built-ins themselves.

What each example gives is worked out here, so the page can only say what is true.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta, timezone

from bpmn import feel
from bpmn.feel.builtins.signature import OVERLOADS, Overload, Parameter
from bpmn.feel.limits import Visits
from bpmn.feel.reference import FUNCTIONS, LANGUAGE
from bpmn.feel.values import inner_text

NOW = datetime(2026, 3, 21, 10, 30, tzinfo=timezone(timedelta(hours=3, minutes=30)))
_HEAD = """\
# FEEL: reference

Every type, operator and function of FEEL as diagrams and decision tables use it, with what it
gives. This page is made from the functions themselves by `make feel-reference`. In the examples
`now` is 2026-03-21T10:30:00+03:30. Where null stands with a word in brackets, the word is the code
of the warning that says why; it is told with the place in the text, in English and Persian.

Names of arguments may be used: `substring(string: "abc", start position: 2)`; names between slashes
mean the same. A list of one is taken as its item where an item is wanted, and an item as a list of
one where a list is wanted. Unless it says `any`, an argument that is null or of another type makes
the call null.

What the specification leaves open is told in [feel.md](feel.md).
"""


def page() -> str:
    """The whole page."""
    return "\n".join((_HEAD, *_language(), *_functions()))


def shown(text: str) -> str:
    """What an expression gives, with the code of its first warning where it gives null."""
    found = feel.examine(text, {}, now=NOW)
    written = inner_text(found.value, Visits())
    code = f" ({found.warnings[0].code})" if found.value is None and found.warnings else ""
    return written + code


def _language() -> Iterator[str]:
    yield "## Types, operators and expressions\n"
    for topic in LANGUAGE:
        yield f"### {topic.title}\n"
        yield from _told(topic.en, topic.fa, topic.examples)


def _functions() -> Iterator[str]:
    for family, entries in FUNCTIONS.items():
        yield f"## {family}\n"
        for name, entry in entries.items():
            yield f"### {name}\n"
            yield from (f"    {name}({_signature(one)})" for one in OVERLOADS[name])
            yield ""
            yield from _told(entry.en, entry.fa, entry.examples)


def _signature(overload: Overload) -> str:
    return ", ".join(map(_parameter, overload.parameters))


def _parameter(parameter: Parameter) -> str:
    names = "/".join((parameter.name, *parameter.aliases))
    kinds = " | ".join(sorted(parameter.kinds))
    if parameter.gathers:
        return f"{names}…: {kinds}"
    return f"{names}{'?' if parameter.optional else ''}: {kinds}"


def _told(en: str, fa: str, examples: Iterable[str]) -> Iterator[str]:
    yield f"{en}\n"
    yield f'<div dir="rtl">{fa}</div>\n'
    yield "| Expression | Gives |\n|---|---|"
    yield from (f"| `{_cell(text)}` | `{_cell(shown(text))}` |" for text in examples)
    yield ""


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    sys.stdout.write(page())
