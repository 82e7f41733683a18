"""Patterns with back references to the instructions of the machine that runs them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import re2

from bpmn.feel.classes import read_class, read_escape
from bpmn.feel.errors import Undefined
from bpmn.feel.machine import Instruction, Machine

_REFERENCE = re.compile(r"\\([1-9][0-9]*)")
_HAS = re.compile(r"(?:[^\\]|\\[^1-9])*?\\[1-9]", re.DOTALL)
_REPEAT = re.compile(r"([*+?]|\{([0-9]{1,4})(,?)([0-9]{0,4})\})(\??)")
_MAX_PROGRAM = 4_000
_MAX_DEPTH = 50


def has_references(pattern: str) -> bool:
    """Whether a ``\\1`` stands in a pattern."""
    return _HAS.match(pattern) is not None


def build(pattern: str, flags: str) -> Machine:
    """The machine of a pattern without white space to skip; raises ``Undefined``."""
    reader = _Reader(pattern, flags)
    reader.choice(0)
    if reader.at < len(pattern):
        raise Undefined("PATTERN", "A bracket is closed that was not opened")
    reader.put("found")
    slots = 2 * reader.groups + 2
    program = [_placed(one, slots) for one in reader.program]
    return Machine(
        program, reader.sets, reader.groups, slots + reader.loops, "i" in flags, "m" in flags
    )


def _placed(instruction: Instruction, slots: int) -> Instruction:
    """A repetition's place comes after those of the groups, whose number is known at the end."""
    verb, one, other = instruction
    if verb == "mark":
        return "save", slots + one, other
    return (verb, slots + one, other) if verb == "grown" else instruction


class _Reader:
    """One reading of one pattern."""

    def __init__(self, pattern: str, flags: str) -> None:
        self.pattern, self.flags, self.at = pattern, flags, 0
        self.program: list[Instruction] = []
        self.sets: list[Callable[[str], bool]] = []
        self.groups = self.loops = 0
        self.closed: set[int] = set()

    def put(self, verb: str, one: int = 0, other: int = 0) -> int:
        """Add an instruction; its place."""
        if len(self.program) >= _MAX_PROGRAM:
            raise Undefined("PATTERN", "The pattern is too large")
        self.program.append((verb, one, other))
        return len(self.program) - 1

    def choice(self, depth: int) -> None:
        """``a|b``."""
        if depth > _MAX_DEPTH:
            raise Undefined("PATTERN", "The pattern is nested too deep")
        start, ends = len(self.program), []
        self.row(depth)
        while self.pattern.startswith("|", self.at):
            self.at += 1
            self.program.insert(start, ("split", 0, 0))
            self._moved(start, 1)
            ends.append(self.put("jump"))
            self.program[start] = ("split", start + 1, len(self.program))
            start = len(self.program)
            self.row(depth)
        for end in ends:
            self.program[end] = ("jump", len(self.program), 0)

    def row(self, depth: int) -> None:
        """Parts one after the other."""
        while self.at < len(self.pattern) and self.pattern[self.at] not in "|)":
            start = len(self.program)
            self.part(depth)
            self.repeated(start)

    def part(self, depth: int) -> None:
        """One part: a group, an edge, a reference or a set of characters."""
        reference = _REFERENCE.match(self.pattern, self.at)
        character = self.pattern[self.at]
        if reference is not None:
            self.reference(reference)
        elif character == "(":
            self.group(depth)
        elif character in "^$":
            self.at += 1
            self.put("start" if character == "^" else "end")
        else:
            self.set()

    def reference(self, match: re.Match[str]) -> None:
        """``\\1``: as many digits as there are groups for."""
        digits = match[1]
        while len(digits) > 1 and int(digits) not in self.closed:
            digits = digits[:-1]
        if int(digits) not in self.closed:
            raise Undefined("PATTERN", "No group {0} has ended before \\{1}", digits, digits)
        self.at += 1 + len(digits)
        self.put("same", int(digits))

    def group(self, depth: int) -> None:
        """``(a)`` or ``(?:a)``."""
        plain = self.pattern.startswith("(?:", self.at)
        if not plain and self.pattern.startswith("(?", self.at):
            raise Undefined("PATTERN", "Of the special groups only (?:…) is supported")
        self.at += 3 if plain else 1
        number = 0
        if not plain:
            self.groups += 1
            number = self.groups
            self.put("save", 2 * number)
        self.choice(depth + 1)
        if not self.pattern.startswith(")", self.at):
            raise Undefined("PATTERN", "A bracket is not closed")
        self.at += 1
        if number:
            self.put("save", 2 * number + 1)
            self.closed.add(number)

    def set(self) -> None:
        """One character, a class or an escape, as a test of one character."""
        character = self.pattern[self.at]
        if character in "*+?{}]":
            raise Undefined("PATTERN", "Nothing stands before {0}", character)
        if character == "\\":
            text, self.at = read_escape(self.pattern, self.at)
        elif character == "[":
            text, self.at = read_class(self.pattern, self.at)
        else:
            text, self.at = str(re2.escape(character)), self.at + 1
            if character == ".":
                text = "(?s:.)" if "s" in self.flags else "[^\\n\\r]"
        self.sets.append(_test(text, self.flags))
        self.put("take", len(self.sets) - 1)

    def repeated(self, start: int) -> None:
        """What ``*``, ``+``, ``?`` or ``{2,3}`` behind a part makes of it."""
        match = _REPEAT.match(self.pattern, self.at)
        if match is None:
            return
        self.at = match.end()
        least, most = _bounds(match)
        body = self.program[start:]
        del self.program[start:]
        for _ in range(least):
            self.copy(body, start)
        lazy = bool(match[5])
        if most is None:
            self.endless(body, start, lazy)
        else:
            self.optional(body, start, most - least, lazy)

    def copy(self, body: list[Instruction], start: int) -> None:
        """The instructions of a part once more, at the end of the program."""
        distance = len(self.program) - start
        for verb, one, other in body:
            moved = (one + distance, other + distance if verb == "split" else other)
            self.put(verb, *(moved if verb in ("split", "jump") else (one, other)))

    def endless(self, body: list[Instruction], start: int, lazy: bool) -> None:
        """The part as often as may be; a turn that takes nothing ends it."""
        loop = self.loops
        self.loops += 1
        top = self.put("split")
        self.put("mark", loop)
        self.copy(body, start)
        self.put("grown", loop)
        self.put("jump", top)
        self.program[top] = _split(top + 1, len(self.program), lazy)

    def optional(self, body: list[Instruction], start: int, times: int, lazy: bool) -> None:
        """The part so many times at most."""
        tops = []
        for _ in range(times):
            tops.append(self.put("split"))
            self.copy(body, start)
        for top in tops:
            self.program[top] = _split(top + 1, len(self.program), lazy)

    def _moved(self, start: int, distance: int) -> None:
        """Correct the places that instructions behind an inserted one lead to."""
        for place in range(start + 1, len(self.program)):
            verb, one, other = self.program[place]
            if verb in ("split", "jump"):
                moved = other + distance if verb == "split" else other
                self.program[place] = (verb, one + distance, moved)


def _split(inside: int, behind: int, lazy: bool) -> Instruction:
    return ("split", behind, inside) if lazy else ("split", inside, behind)


def _bounds(match: re.Match[str]) -> tuple[int, int | None]:
    """How often at least and at most (None: no end)."""
    sign = match[1]
    if sign in "*+?":
        return {"*": (0, None), "+": (1, None), "?": (0, 1)}[sign]
    least = int(match[2])
    most = least if not match[3] else int(match[4]) if match[4] else None
    if most is not None and most < least:
        raise Undefined("PATTERN", "Not a number of times: {0}", sign)
    return least, most


def _test(text: str, flags: str) -> Callable[[str], bool]:
    options = re2.Options()
    options.log_errors = False
    try:
        compiled: Any = re2.compile(f"(?i:{text})" if "i" in flags else text, options)
    except (re2.error, UnicodeError) as error:
        raise Undefined("PATTERN", "Not a pattern") from error
    return lambda character: compiled.fullmatch(character) is not None
