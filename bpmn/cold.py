"""What most steps do not touch: kept packed in the state, and unpacked when somebody looks.

A list of thousands of items would otherwise be read and written again in every step.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from bpmn.errors import WrongState

LARGE = 256
"""Items from which on a list among the variables is kept packed."""
BLOCK = 64
"""Items of a collection, or outputs, that are packed together."""
MAX_BYTES = 64_000_000
"""How large a part of a state may be when unpacked."""
LEVEL = 1  # The quickest level already halves the state; more costs time in every step.
ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False)


@dataclass(frozen=True)
class Frame:
    """A JSON value as compressed bytes, with the size that it has unpacked."""

    data: bytes
    size: int


def pack(value: Any, level: int = LEVEL) -> Frame:
    """The frame of a JSON value."""
    written = ENCODER.encode(value).encode("utf-8")
    return Frame(compressed(written, level), len(written))


def compressed(data: bytes, level: int = LEVEL) -> bytes:
    """What ``zlib.compress`` gives, to be unpacked in the same way.

    For each call that one makes room for a window of 32 kB with tables to match, which takes ten
    times as long as to compress a small state.
    """
    window, memory = next(((w, m) for most, w, m in _WINDOWS if len(data) <= most), (15, 8))
    packer = zlib.compressobj(level, zlib.DEFLATED, window, memory)
    return packer.compress(data) + packer.flush()


_WINDOWS = ((4 * 1024, 12, 5), (16 * 1024, 14, 7))
"""How many bytes go with which window, as a power of 2 that holds them all, and which memory."""


UNPACKED_NOT = "وضعیت ذخیره‌شدهٔ این فرایند آسیب دیده است و خوانده نمی‌شود."
"""What a person reads of a state that is no state any more, in Persian."""


def unpack(frame: Frame) -> Any:
    """The value of a frame; raises ``WrongState``."""
    try:
        unpacker = zlib.decompressobj()
        return json.loads(unpacker.decompress(frame.data, MAX_BYTES).decode("utf-8"))
    except (zlib.error, ValueError) as error:
        told = f"A part of the state cannot be unpacked: {error}."
        raise WrongState(told, UNPACKED_NOT) from error


class ColdList(list[Any]):
    """A list that is unpacked the moment somebody looks into it; else like any other."""

    def __init__(self, frame: Frame) -> None:
        super().__init__()
        self.frame: Frame | None = frame
        """The same list packed; None once it was changed."""
        self._sleeps = True

    def wake(self) -> None:
        """Unpack it, once."""
        if self._sleeps and self.frame is not None:
            self._sleeps = False
            list.extend(self, unpack(self.frame))

    def __radd__(self, other: list[Any]) -> list[Any]:
        """Behind a plain list, which would not ask."""
        return [*other, *self]


def _looking(name: str, *, changes: bool) -> Callable[..., Any]:
    method = getattr(list, name)

    def call(self: ColdList, *args: Any, **named: Any) -> Any:
        for other in (self, *args):
            if isinstance(other, ColdList):
                other.wake()
        if changes:
            self.frame = None
        return method(self, *args, **named)

    return call


for _name in (
    "__iter__", "__len__", "__getitem__", "__contains__", "__eq__", "__ne__", "__lt__", "__le__",
    "__gt__", "__ge__", "__reversed__", "__add__", "__mul__", "__rmul__", "__repr__",
    "__reduce_ex__", "copy", "index", "count",
):  # fmt: skip
    setattr(ColdList, _name, _looking(_name, changes=False))
for _name in (
    "append", "extend", "insert", "pop", "remove", "sort", "reverse", "clear", "__setitem__",
    "__delitem__", "__iadd__", "__imul__",
):  # fmt: skip
    setattr(ColdList, _name, _looking(_name, changes=True))


def frame_of(values: list[Any]) -> Frame | None:
    """The frame of a list that is large, at no cost when it was packed before."""
    if isinstance(values, ColdList) and values.frame is not None:
        return values.frame
    return pack(list(values)) if len(values) >= LARGE else None


class Blocks:
    """A list of fixed length in blocks, of which only those in use are unpacked."""

    def __init__(self, length: int, parts: Iterable[list[Any] | None]) -> None:
        self.length = length
        self._parts = list(parts)
        """A block each; None for one that holds nothing yet."""
        self._changed: set[int] = set()

    @classmethod
    def of(cls, values: list[Any]) -> Blocks:
        """The blocks of a plain list."""
        starts = range(0, len(values), BLOCK)
        return cls(len(values), [values[start : start + BLOCK] for start in starts])

    @classmethod
    def empty(cls, length: int) -> Blocks:
        """As many nulls."""
        return cls(length, [None] * -(-length // BLOCK))

    def __getitem__(self, number: int) -> Any:
        part = self._parts[number // BLOCK]
        return None if part is None else part[number % BLOCK]

    def __setitem__(self, number: int, value: Any) -> None:
        at = number // BLOCK
        part = self._parts[at]
        if part is None or isinstance(part, ColdList):
            first = at * BLOCK
            part = self._parts[at] = part or [None] * min(BLOCK, self.length - first)
            part = self._parts[at] = list(part)
        self._changed.add(at)
        part[number % BLOCK] = value

    def whole(self) -> list[Any]:
        """All of it, as a plain list."""
        values: list[Any] = []
        for at, part in enumerate(self._parts):
            size = min(BLOCK, self.length - at * BLOCK)
            values.extend([None] * size if part is None else part)
        return values

    def kept(self, add: Callable[[Frame], int]) -> dict[str, Any]:
        """As JSON: a block that changed in this step as it is, any other by its frame."""
        return {"length": self.length, "blocks": [self._kept(at, add) for at in self._range()]}

    def _range(self) -> range:
        return range(len(self._parts))

    def _kept(self, at: int, add: Callable[[Frame], int]) -> list[Any] | int | None:
        part = self._parts[at]
        if part is None or at in self._changed:
            return part
        frame = part.frame if isinstance(part, ColdList) else None
        return add(frame or pack(list(part)))

    @classmethod
    def load(cls, kept: dict[str, Any], frames: list[Frame]) -> Blocks:
        """The blocks of what ``kept`` gave."""
        parts = (ColdList(frames[p]) if isinstance(p, int) else p for p in kept["blocks"])
        return cls(kept["length"], parts)
