"""Half-open stretches of whole numbers, ``(start, end)``: joined, cut and clipped."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence

Interval = tuple[int, int]


def join(intervals: Iterable[Interval]) -> list[Interval]:
    """Return the same ground in order, without empty stretches, overlaps or touching ends."""
    joined: list[Interval] = []
    for start, end in sorted(each for each in intervals if each[0] < each[1]):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined


def cut(intervals: Iterable[Interval], cuts: Sequence[Interval]) -> Iterator[Interval]:
    """Give what is left of each interval; the cuts must be joined."""
    for start, end in intervals:
        for cut_start, cut_end in cuts[first_after(cuts, start) :]:
            if cut_start >= end:
                break
            if start < cut_start:
                yield start, cut_start
            start = max(start, cut_end)
        if start < end:
            yield start, end


def clip(intervals: Iterable[Interval], first: int, last: int) -> list[Interval]:
    """Return what lies from ``first`` to before ``last``."""
    clipped = ((max(start, first), min(end, last)) for start, end in intervals)
    return [each for each in clipped if each[0] < each[1]]


def holds(joined: Sequence[Interval], number: int) -> bool:
    """Tell whether the number lies in one of the joined intervals."""
    i = first_after(joined, number)
    return i < len(joined) and joined[i][0] <= number


def first_after(joined: Sequence[Interval], number: int) -> int:
    """Return the index of the first interval that ends after the number."""
    return bisect_right(joined, number, key=_end)


def _end(interval: Interval) -> int:
    return interval[1]
