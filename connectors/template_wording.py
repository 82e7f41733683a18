"""What is wrong with a template, in plain words of either language.

The template engine tells it in English of its own, which names its parts ("end of print
statement") and not what stands in the letter.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_MARKS = {"end of print statement": "}}", "end of statement block": "%}"}
_TEXTS: tuple[tuple[str, str, str], ...] = (
    (
        r"unexpected end of template, expected '(.+)'\.?",
        "the text ends where “{0}” is still missing",
        "متن تمام می‌شود و «{0}» هنوز لازم است",
    ),
    (
        r"Unexpected end of template\. .*needs to be closed is '(\w+)'\.",
        "“{0}” is not closed: “end{0}” is missing",
        "«{0}» بسته نشده است: «end{0}» کم است",
    ),
    (
        r"Encountered unknown tag '(\w+)'\..*",
        "“{0}” has no meaning here",
        "«{0}» در اینجا معنایی ندارد",
    ),
    (
        r"No (?:filter|test) named '(.+)'\.",
        "nothing is called “{0}” here",
        "اینجا چیزی به نام «{0}» نیست",
    ),
    (
        r"Expected an expression, got '(.+)'",
        "before “{0}” it is not said what to write",
        "پیش از «{0}» گفته نشده چه نوشته شود",
    ),
    (
        r"expected token '(.+)', got '(.+)'",
        "“{0}” is needed in place of “{1}”",
        "به جای «{1}» باید «{0}» باشد",
    ),
    (
        r"unexpected '(.+)', expected '(.+)'",
        "“{1}” is needed in place of “{0}”",
        "به جای «{0}» باید «{1}» باشد",
    ),
    (
        r"unexpected (?:char )?['\"](.+)['\"](?: at \d+)?",
        "“{0}” cannot stand here",
        "«{0}» نمی‌تواند اینجا باشد",
    ),
    (
        r"Missing end of comment tag",
        "a comment that begins with “{{#” is not closed",
        "توضیحی که با «{{#» آغاز شده، بسته نشده است",
    ),
    (
        r"the first line must be “(.+)”",
        "the first line must be “{0}”",
        "خط نخست باید «{0}» باشد",
    ),
    (
        r"“(.+)” is not allowed in a message",
        "“{0}” is not allowed in a message",
        "«{0}» در نامه مجاز نیست",
    ),
    (
        r"“(.+)” is not a variable",
        "“{0}” is not a variable",
        "«{0}» متغیر نیست",
    ),
    (
        r"only variables have parts",
        "only variables have parts that can be named",
        "تنها متغیرها جزءهایی دارند که بتوان نام برد",
    ),
    (r"nothing is called “(.+)”", "nothing is called “{0}”", "چیزی به نام «{0}» نیست"),
    (
        r"(?:the message is )?longer than (\d+) characters",
        "longer than {0} characters",
        "بلندتر از {0} نویسه است",
    ),
    (r"nested too deeply", "nested too deeply", "بیش از اندازه تودرتو است"),
)


def say(problem: str, language: str) -> str:
    """The problem in ``en`` or ``fa``; one that has no words here is quoted."""
    for pattern, english, persian in _TEXTS:
        found = re.fullmatch(pattern, problem, re.DOTALL)
        if found:
            parts = list(_parts(found, language))
            return (persian if language == "fa" else english).format(*parts)
    return f"الگو درست نیست: «\u2068{problem}\u2069»" if language == "fa" else problem


def _parts(found: re.Match[str], language: str) -> Iterator[str]:
    for part in found.groups():
        shown = _MARKS.get(part, part)
        # In Persian it keeps a direction of its own, or brackets would change places.
        yield f"\u2068{shown}\u2069" if language == "fa" else shown
