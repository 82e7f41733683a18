"""Message templates: the words that customers and staff are sent.

A template is one file, ``connectors/messages/<key>.<language>.txt``: the first line is
``Subject: ...``, then may come ``Name: ...``, by which people tell it from others and which nobody
is sent, then ``SMS: ...``, which is said in text messages in place of the letter, and the rest is
the body. It is a small part of Jinja, checked before it runs
(``connectors/templates.py``), because process designers write templates too.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from connectors.addresses import one_line
from connectors.template_members import Lack
from connectors.templates import BadTemplate, Compiled, Mention, compile_template

FOLDER = Path(__file__).with_name("messages")
_FILE = re.compile(r"(?P<key>[a-z][a-z0-9_-]{0,63})\.(?P<language>fa|en)\.txt")
_SUBJECT, _NAME, _SHORT = "Subject:", "Name:", "SMS:"
_VARIABLE = re.compile(r"\{\{.*?\}\}|\{%.*?%\}")


@dataclass(frozen=True)
class Message:
    """A message in words, ready for any channel."""

    subject: str
    """One line."""
    body: str
    short: str = ""
    """What a text message says in its place, where the template has words for that."""


class UnknownTemplate(LookupError):  # Named for what the caller did.
    """No template has this key."""


@cache
def shipped(folder: Path = FOLDER) -> Mapping[str, frozenset[str]]:
    """Return every template key with the languages it is written in.

    The folder is looked at once in each process: a new template is there after a restart.
    """
    found: dict[str, frozenset[str]] = {}
    for file in sorted(folder.glob("*.txt")):
        name = _FILE.fullmatch(file.name)
        if name:
            key = name["key"]
            found[key] = found.get(key, frozenset()) | {name["language"]}
    return found


def render(
    key: str,
    language: str,
    context: Mapping[str, Any],
    zone: ZoneInfo,
    *,
    folder: Path = FOLDER,
) -> Message:
    """Write one message in ``fa`` or ``en``; ``zone`` is where its dates and times are read.

    A template that lacks the language serves in the one it has. Raises
    :class:`UnknownTemplate`, ``MissingVariable`` (with template, line and variable) or
    ``BadTemplate``.
    """
    known = shipped(folder).get(key)
    if not known:
        raise UnknownTemplate(key)
    chosen = language if language in known else min(known)
    file = folder / f"{key}.{chosen}.txt"
    return render_source(_read(file), file.name, chosen, context, zone)


@cache
def _read(file: Path) -> str:
    return file.read_text("utf-8")


@cache
def shipped_source(key: str, language: str, *, folder: Path = FOLDER) -> str:
    """The text of a shipped template; raises :class:`UnknownTemplate`."""
    if language not in shipped(folder).get(key, ()):
        raise UnknownTemplate(key)
    return _read(folder / f"{key}.{language}.txt")


class Said(NamedTuple):
    """A variable that a template says, and where."""

    file: str
    mention: Mention


@cache
def said_by(key: str, *, folder: Path = FOLDER) -> tuple[Said, ...]:
    """What a shipped template says in any of its languages.

    Raises :class:`UnknownTemplate` and ``BadTemplate``.
    """
    known = shipped(folder).get(key)
    if not known:
        raise UnknownTemplate(key)
    files = [folder / f"{key}.{language}.txt" for language in sorted(known)]
    return tuple(one for file in files for one in said_in(_read(file), file.name))


def said_in(source: str, name: str) -> tuple[Said, ...]:
    """What the text of a template says; ``name`` is what findings call it. Raises
    ``BadTemplate``."""
    parts = [part for part in _split(source, name) if part is not None]
    return tuple(Said(name, one) for part in parts for one in part.mentions())


def lacks_in(source: str, name: str, sample: Mapping[str, Any]) -> tuple[Lack, ...]:
    """What the text of a template asks of the contexts of a sample and nobody has, such as
    ``request.number.x``. Raises ``BadTemplate``."""
    parts = [part for part in _split(source, name) if part is not None]
    return tuple(one for part in parts for one in part.lacks(sample))


def render_source(
    source: str, name: str, language: str, context: Mapping[str, Any], zone: ZoneInfo
) -> Message:
    """Write one message from the text of a template; ``name`` is what errors call it."""
    subject, short, body = _split(source, name)
    # A line break inside a value must not turn into a second header or a first body line.
    line = one_line(subject.render(language, context, zone))
    text = body.render(language, context, zone).strip() + "\n"
    return Message(line, text, short.render(language, context, zone).strip() if short else "")


def check_source(source: str, name: str) -> None:
    """Raise ``BadTemplate`` when the text could not be used as a template."""
    _split(source, name)


class _Parts(NamedTuple):
    subject: Compiled
    short: Compiled | None
    body: Compiled


@lru_cache(maxsize=256)
def _split(source: str, name: str) -> _Parts:
    first, _, rest = source.removeprefix("\ufeff").replace("\r\n", "\n").partition("\n")
    if not first.startswith(_SUBJECT) or not first.removeprefix(_SUBJECT).strip():
        raise BadTemplate(name, 1, "the first line must be “Subject: ...”")
    subject = compile_template(first.removeprefix(_SUBJECT).strip(), name)
    # Empty first lines keep the line numbers of errors those of the file.
    above = "\n"
    if _is_name(rest):
        above, rest = above + "\n", rest.partition("\n")[2]
    if not rest.startswith(_SHORT):
        return _Parts(subject, None, compile_template(above + rest, name))
    second, _, rest = rest.partition("\n")
    short = compile_template(above + second.removeprefix(_SHORT).strip(), name)
    return _Parts(subject, short, compile_template(above + "\n" + rest, name))


def _is_name(rest: str) -> bool:
    """Whether the text begins with a line that names the template; one with a variable is said to
    somebody."""
    line = rest.partition("\n")[0]
    return line.startswith(_NAME) and "{" not in line


class Title(NamedTuple):
    """How lists call a template."""

    subject: str
    """As it is written, with its variables."""
    name: str
    """What tells it from others; may be empty."""
    is_all_variable: bool
    """Whether no word of the subject is the template's own."""


def title_of(source: str) -> Title:
    """What the first lines of a template call it."""
    first, _, rest = source.removeprefix("\ufeff").replace("\r\n", "\n").partition("\n")
    subject = first.partition(":")[2].strip()
    line = rest.partition("\n")[0]
    name = line.removeprefix(_NAME).strip() if _is_name(rest) else ""
    is_all = not any(one.isalpha() for one in _VARIABLE.sub("", subject))
    return Title(subject, name, is_all)
