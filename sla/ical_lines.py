"""The lines and components of an iCalendar file (RFC 5545), within bounds, with line numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from sla.strict import SettingsRefused, Wrong

LARGEST_FEED = 2_000_000
MOST_EVENTS = 5000
_DEEPEST = 5
_LONGEST_LINE = 100_000
_PERSIAN = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")


@dataclass(frozen=True)
class Property:
    """One property: ``DTSTART;TZID=Asia/Tehran:20261224T120000``."""

    name: str
    parameters: Mapping[str, str]
    value: str
    line: int


@dataclass
class Component:
    """``VEVENT``, ``VTIMEZONE`` ... with its properties and what lies in it."""

    name: str
    line: int
    properties: list[Property] = field(default_factory=list)
    inner: list[Component] = field(default_factory=list)

    def all(self, name: str) -> list[Property]:
        """Return all properties of this name."""
        return [each for each in self.properties if each.name == name]

    def get(self, name: str) -> Property | None:
        """Return the first property of this name."""
        return next(iter(self.all(name)), None)

    def text(self, name: str) -> str:
        """Return the value of a text property, unescaped; empty without it."""
        found = self.get(name)
        return _ESCAPED.sub(_unescaped, found.value).strip() if found else ""


class WrongLine(Wrong):  # It says where the mistake is.
    """What is wrong with one line."""

    def __init__(self, wrong: Wrong, line: int) -> None:
        self.line = line
        super().__init__(str(wrong), wrong.fa)


@contextmanager
def line_of(found: Property) -> Iterator[None]:
    """Say of what is wrong within that it is in the line of this property."""
    try:
        yield
    except WrongLine:
        raise
    except Wrong as wrong:
        raise WrongLine(wrong, found.line) from None


def refuse_line(file: str, line: int, wrong: Wrong) -> SettingsRefused:
    """Say what is wrong with a line of the file, in both languages."""
    line = wrong.line if isinstance(wrong, WrongLine) else line
    fa = f"سطر {str(line).translate(_PERSIAN)}: {wrong.fa}"
    return SettingsRefused(file, f"line {line}", str(wrong), fa)


def read_components(source: bytes, file: str) -> list[Component]:
    """Return the calendars of a feed; raises :class:`SettingsRefused` with line and what."""
    top = Component("", 0)
    open_ones, events = [top], 0
    for line, text in _unfolded(_decoded(source, file)):
        try:
            found = _property(text, line)
            events += _is_event(found)
            _check_number(events)
            _place(found, open_ones)
        except Wrong as wrong:
            raise refuse_line(file, line, wrong) from None
    if len(open_ones) > 1 or not any(each.name == "VCALENDAR" for each in top.inner):
        raise SettingsRefused(file, "", "is no whole iCalendar file", "فایل کامل iCalendar نیست")
    return [each for each in top.inner if each.name == "VCALENDAR"]


def _is_event(found: Property) -> bool:
    return found.name == "BEGIN" and found.value.strip().upper() == "VEVENT"


def _check_number(events: int) -> None:
    if events > MOST_EVENTS:
        raise Wrong(f"more than {MOST_EVENTS} events", f"بیش از {MOST_EVENTS} رویداد")


def _decoded(source: bytes, file: str) -> str:
    if len(source) > LARGEST_FEED:
        raise SettingsRefused(file, "", "the file is too large", "فایل بیش از اندازه بزرگ است")
    try:
        return source.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise SettingsRefused(file, "", "the file is not UTF-8", "فایل UTF-8 نیست") from None


def _unfolded(text: str) -> Iterator[tuple[int, str]]:
    """Give the lines with their numbers; a line that begins with a blank continues one."""
    parts: list[str] = []
    began = 0
    for number, line in enumerate(_LINE_END.split(text), 1):
        if line[:1] in {" ", "\t"} and parts:
            parts.append(line[1:])
            continue
        if parts:
            yield began, "".join(parts)
        parts, began = ([line], number) if line.strip() else ([], number)
    if parts:
        yield began, "".join(parts)


def _property(text: str, line: int) -> Property:
    from icalendar.parser import Contentline

    try:
        name, parameters, value = Contentline(text[:_LONGEST_LINE]).raw_parts()  # type: ignore[no-untyped-call]
    except ValueError:
        raise Wrong(
            f"{text[:40]!r} is no line of iCalendar", f"{text[:40]!r} سطری از iCalendar نیست"
        ) from None
    if len(text) > _LONGEST_LINE:
        raise Wrong("the line is too long", "سطر بیش از اندازه بلند است")
    told = {str(key).upper(): str(found) for key, found in parameters.items()}
    return Property(name.upper(), told, value, line)


def _place(found: Property, open_ones: list[Component]) -> None:
    kind = found.value.strip().upper()
    if found.name == "BEGIN":
        if len(open_ones) > _DEEPEST:
            raise Wrong(
                "components lie too deep in each other", "بخش‌ها بیش از اندازه تو در تو هستند"
            )
        component = Component(kind, found.line)
        open_ones[-1].inner.append(component)
        open_ones.append(component)
    elif found.name == "END":
        if open_ones[-1].name != kind or len(open_ones) == 1:
            raise Wrong(f"END:{kind[:40]} has no BEGIN", f"END:{kind[:40]} آغازی ندارد")
        open_ones.pop()
    else:
        open_ones[-1].properties.append(found)


_LINE_END = re.compile(r"\r\n|\n|\r")
_ESCAPED = re.compile(r"\\([nN\\;,:])")


def _unescaped(found: re.Match[str]) -> str:
    return "\n" if found[1] in "nN" else found[1]
