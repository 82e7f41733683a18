"""What is wrong with an option, in the reader's language: marshmallow speaks English alone."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from app.i18n import to_digits
from connectors.errors import in_persian

_PERSIAN: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), told)
    for pattern, told in (
        (r"Missing data for required field\.", "این را وارد کنید."),
        (r"Field may not be null\.", "این را وارد کنید."),
        (r"Unknown field\.", "چنین گزینه‌ای نیست."),
        (r"Not a valid integer\.", "یک عدد صحیح بنویسید."),
        (r"Not a valid number\.", "یک عدد بنویسید."),
        (r"Not a valid boolean\.", "آری یا نه را برگزینید."),
        (r"Not a valid time\.", "ساعت را مانند ۲۲:۰۰ بنویسید."),
        (r"Not a valid URL\.", "نشانی کامل، مانند https://example.org بنویسید."),
        (r"Not a valid (string|list|mapping type)\.", "نوشتهٔ این گزینه درست نیست."),
        (r"Must be one of: .*", "یکی از گزینه‌های فهرست را برگزینید."),
        (
            r"Must be greater than or equal to (\S+) and less than or equal to (\S+)\.",
            r"باید از \1 تا \2 باشد.",
        ),
        (r"Must be greater than or equal to (\S+)\.", r"باید دست‌کم \1 باشد."),
        (r"Must be less than or equal to (\S+)\.", r"باید حداکثر \1 باشد."),
        (r"Longer than maximum length (\d+)\.", r"بیشتر از \1 نویسه است."),
        (r"Shorter than minimum length (\d+)\.", r"کمتر از \1 نویسه است."),
        (r"Length must be between (\d+) and (\d+)\.", r"باید از \1 تا \2 نویسه باشد."),
        (
            r"not a network with a port, as \S+: (.*)",
            r"«\1» نشانی شبکه با درگاه نیست؛ مانند 10.1.0.0/16:8443 بنویسید.",
        ),
        (r"'(.*)', character (\d+)", r"«\1» در نویسهٔ \2 درست نیست؛ مانند data.ids[0] بنویسید."),
        (r"longer than (\d+) characters", r"بیشتر از \1 نویسه است."),
        (r"line (\d+): expected “name = value”", r"سطر \1: مانند «name = value» بنویسید."),
        (r"line (\d+): nothing is called “(.*)”", r"سطر \1: چیزی به نام «\2» نیست."),
        (r"after '(.*)': expected name=value", r"پس از «\1» مانند name=value بنویسید."),
        (
            r"line (\d+): expected “word = .*",
            r"سطر \1: مانند «word = service:key» یا «word = message:name» بنویسید.",
        ),
        (
            r"a word twice, or more than (\d+) words",
            r"واژه‌ای دو بار آمده، یا بیشتر از \1 واژه نوشته شده است.",
        ),
        (
            r"secret (\d+): expected whsec_ and Base64 of 24 to 64 bytes",
            r"راز \1: با whsec_ آغاز شود و سپس ۲۴ تا ۶۴ بایت به‌صورت Base64 بیاید.",
        ),
    )
)
ELSE = "این مقدار پذیرفته نیست."
"""For what nobody has put into Persian."""


def texts(messages: Any, language: str | None) -> list[str]:
    """The sentences of one option's messages, whatever their shape; a kind may bring its own as
    a mapping with ``en`` and ``fa``."""
    return list(dict.fromkeys(_each(messages, "en" if language == "en" else "fa")))


def _each(messages: Any, language: str) -> Iterator[str]:
    if isinstance(messages, Mapping):
        if set(messages) >= {"en", "fa"}:
            messages = messages[language]
            yield from [messages] if isinstance(messages, str) else messages
            return
        for one in messages.values():
            yield from _each(one, language)
    elif isinstance(messages, list | tuple):
        for one in messages:
            yield from _each(one, language)
    else:
        yield str(messages) if language == "en" else _persian(str(messages))


def _persian(message: str) -> str:
    for pattern, told in _PERSIAN:
        if found := pattern.fullmatch(message):
            return _PLACE.sub(lambda place: _shown(found[int(place[1])]), told)
    # Only now: an English sentence may quote what was typed in Persian.
    return message if _IS_PERSIAN.search(message) else in_persian(message) or ELSE


def _shown(part: str) -> str:
    """A number in Persian digits; what was typed as it was typed."""
    return to_digits(part, "fa") if part.replace(".", "", 1).isdigit() else part


_PLACE = re.compile(r"\\(\d)")
_IS_PERSIAN = re.compile("[\u0600-\u06ff]")
