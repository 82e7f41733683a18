"""In which line of a settings file a key stands, for whoever is told what is wrong there."""

from __future__ import annotations

import re

_PART = r"""(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')"""
_DOTTED = rf"{_PART}(?:\s*\.\s*{_PART})*"
_LIST = re.compile(rf"\s*\[\[\s*({_DOTTED})\s*\]\]")
_TABLE = re.compile(rf"\s*\[\s*({_DOTTED})\s*\]")
_KEY = re.compile(rf"\s*({_DOTTED})\s*=")
_AT_LINE = re.compile(r"\(at line (\d+)")
_QUOTES = ('"""', "'''")

Path = tuple[str, ...]


def line_of(source: str, key: str, message: str = "") -> int:
    """Return the line, from 1, of a key as refusals name it: ``week.saturday``, ``steps.2.at``.

    Of a key that is missing, or stands inside a value, it is the line of what holds it. A message
    of the TOML reader names its line itself.
    """
    if found := _AT_LINE.search(message):
        return int(found[1])
    wanted = tuple(key.split(".")) if key else ()
    best, line = 0, 1
    for number, path in key_lines(source):
        if len(path) > best and wanted[: len(path)] == path:
            best, line = len(path), number
    return line


def line_with(source: str, value: str) -> int:
    """Return the first line that quotes the value; 1 when none does."""
    quoted = re.compile(rf"""["']{re.escape(value)}["']""")
    lines = enumerate(source.splitlines(), 1)
    return next((number for number, line in lines if quoted.search(line)), 1)


def key_lines(source: str) -> list[tuple[int, Path]]:
    """Return every key and every heading with its line, from 1; places in lists count from 1."""
    found: list[tuple[int, Path]] = []
    counts: dict[Path, int] = {}
    here: Path = ()
    inside = ""
    for number, line in enumerate(source.splitlines(), 1):
        was_inside, inside = inside, _still_inside(line, inside)
        if was_inside:
            continue
        if heading := _LIST.match(line):
            place = _resolved(_parts(heading[1]), counts)
            counts[place] = counts.get(place, 0) + 1
            here = (*place, str(counts[place]))
            found.append((number, here))
        elif heading := _TABLE.match(line):
            here = _resolved(_parts(heading[1]), counts)
            found.append((number, here))
        elif named := _KEY.match(line):
            found.append((number, (*here, *_parts(named[1]))))
    return found


def _parts(dotted: str) -> Path:
    return tuple(part.strip("\"'") for part in re.findall(_PART, dotted))


def _resolved(parts: Path, counts: dict[Path, int]) -> Path:
    """The same with the place of the last table in each list that the heading passes."""
    path: Path = ()
    for part in parts[:-1]:
        path = (*path, part)
        path = (*path, str(counts[path])) if path in counts else path
    return (*path, *parts[-1:])


def _still_inside(line: str, inside: str) -> str:
    """The quotes of the text of several lines in which the next line begins."""
    for quotes in (inside,) if inside else _QUOTES:
        if line.count(quotes) % 2:
            return "" if inside else quotes
    return inside
