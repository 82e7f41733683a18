"""A long sequence of which most is worked out only when somebody looks at it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, overload

from bpmn.resting import Sleeper

if TYPE_CHECKING:
    from bpmn.instance import Instance
    from bpmn.resting import Group


class Many(Sequence[Any]):
    """First what is at hand, then one item for each resting turn; equal to such a tuple."""

    def __init__(
        self, first: tuple[Any, ...], instance: Instance, groups: Sequence[Group],
        make: Callable[[Any], Any],
    ) -> None:  # fmt: skip
        self._first, self._instance, self._make = first, instance, make
        self._groups = list(groups)
        self._length = len(first) + sum(group.count for group in self._groups)

    def __len__(self) -> int:
        return self._length

    @overload
    def __getitem__(self, at: int) -> Any: ...

    @overload
    def __getitem__(self, at: slice) -> tuple[Any, ...]: ...

    def __getitem__(self, at: int | slice) -> Any:
        if isinstance(at, slice):
            return tuple(self)[at]
        number = at + self._length if at < 0 else at
        if not 0 <= number < self._length:
            raise IndexError(at)
        if number < len(self._first):
            return self._first[number]
        return self._resting(number - len(self._first))

    def _resting(self, number: int) -> Any:
        for group in self._groups:
            if number < group.count:
                return self._make(Sleeper(self._instance, group, group.entries[number]))
            number -= group.count
        raise IndexError(number)

    def __iter__(self) -> Iterator[Any]:
        yield from self._first
        for group in self._groups:
            for entry in group.entries:
                yield self._make(Sleeper(self._instance, group, entry))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and tuple(self) == tuple(other)

    __hash__ = None  # type: ignore[assignment]

    def __add__(self, other: tuple[Any, ...]) -> tuple[Any, ...]:
        return (*self, *other)

    def __radd__(self, other: tuple[Any, ...]) -> tuple[Any, ...]:
        return (*other, *self)

    def __repr__(self) -> str:
        return repr(tuple(self))
