"""A long sequence of which most is worked out only when somebody looks at it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, overload

from bpmn.resting import Sleeper

Item = TypeVar("Item", bound="Keyed")


class Keyed(Protocol):
    """What waits under a key of its own."""

    @property
    def key(self) -> str:
        """Its key, the same as long as it waits."""
        ...


if TYPE_CHECKING:
    from bpmn.instance import Instance
    from bpmn.resting import Entry, Group


def by_key(items: Sequence[Item]) -> Mapping[str, Item]:
    """What waits by its key, in its order; what rests is worked out only when it is asked for, so
    that who looks for a few among hundreds pays for these alone."""
    return _ByKey(items) if isinstance(items, Many) else {one.key: one for one in items}


class _ByKey(Mapping[str, Any]):
    def __init__(self, many: Many) -> None:
        self._many = many
        self._at = {key: number for number, key in enumerate(many.keys())}

    def __getitem__(self, key: str) -> Any:
        return self._many[self._at[key]]

    def __iter__(self) -> Iterator[str]:
        return iter(self._at)

    def __len__(self) -> int:
        return len(self._at)

    def __contains__(self, key: object) -> bool:
        return key in self._at


class Many(Sequence[Any]):
    """First what is at hand, then one item for each resting turn; equal to such a tuple."""

    def __init__(
        self, first: tuple[Any, ...], instance: Instance, groups: Sequence[Group],
        make: Callable[[Any], Any],
    ) -> None:  # fmt: skip
        self._first, self._instance, self._make = first, instance, make
        self._groups = list(groups)
        self._length = len(first) + sum(group.count for group in self._groups)
        self._items: tuple[Any, ...] | None = None

    def __len__(self) -> int:
        return self._length

    @overload
    def __getitem__(self, at: int) -> Any: ...

    @overload
    def __getitem__(self, at: slice) -> tuple[Any, ...]: ...

    def __getitem__(self, at: int | slice) -> Any:
        if isinstance(at, slice):
            return tuple(self)[at]
        if self._items is not None:
            return self._items[at]
        number = at + self._length if at < 0 else at
        if not 0 <= number < self._length:
            raise IndexError(at)
        if number < len(self._first):
            return self._first[number]
        return self._resting(number - len(self._first))

    def _resting(self, number: int) -> Any:
        for group in self._groups:
            if number < group.count:
                return self._make(self._sleeper(group, group.entries[number]))
            number -= group.count
        raise IndexError(number)

    def __iter__(self) -> Iterator[Any]:
        # Several look at all of it after each step: it is worked out for the first one.
        if self._items is None:
            self._items = (*self._first, *self._worked_out())
        return iter(self._items)

    def keys(self) -> Iterator[str]:
        """The keys of all, in their order."""
        yield from (one.key for one in self._first)
        for group in self._groups:
            yield from (entry[0] for entry in group.entries)

    def _worked_out(self) -> Iterator[Any]:
        around = cache(self._instance.scopes.view)
        for group in self._groups:
            for entry in group.entries:
                yield self._make(Sleeper(self._instance, group, entry, around))

    def _sleeper(self, group: Group, entry: Entry) -> Sleeper:
        return Sleeper(self._instance, group, entry, self._instance.scopes.view)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and tuple(self) == tuple(other)

    __hash__ = None  # type: ignore[assignment]

    def __add__(self, other: tuple[Any, ...]) -> tuple[Any, ...]:
        return (*self, *other)

    def __radd__(self, other: tuple[Any, ...]) -> tuple[Any, ...]:
        return (*other, *self)

    def __repr__(self) -> str:
        return repr(tuple(self))
