"""Lists and counts for people, who look at the newest of a kind, and need not know whether there
are a thousand of it or a million."""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import ColumnElement

COUNTED = 1000
"""So many are counted; who counts asks for one more."""


class Count(NamedTuple):
    """How many there are."""

    number: int
    is_more: bool = False
    """Whether there are, or may be, more than that."""

    def __bool__(self) -> bool:
        return self.number > 0 or self.is_more


NONE = Count(0)


def counted(found: int) -> Count:
    """Of what was counted until there was one more than ``COUNTED``."""
    return Count(min(found, COUNTED), found > COUNTED)


def together(one: Count, other: Count) -> Count:
    """Those of two lists."""
    both = counted(one.number + other.number)
    return Count(both.number, both.is_more or one.is_more or other.is_more)


def newest_first(number: Any) -> ColumnElement[int]:
    """The order of a list of some of many, by an index that ends with ``id DESC NULLS LAST``.

    The primary key cannot give this order, read in whichever direction. Else the database might
    read it backwards, since it expects that rows of each state lie spread evenly, and pass over
    millions of others before it comes to old ones.
    """
    found: ColumnElement[int] = number.desc().nulls_last()
    return found
