"""Why a case fails: it cannot go on, or something is not as it must be."""

from __future__ import annotations

from collections.abc import Iterable


class Stuck(Exception):
    """The case cannot go on: what it tells is not possible at this moment."""


class Different(Exception):
    """Something is not as the case expects it; ``found`` holds a sentence for each."""

    def __init__(self, found: Iterable[str]) -> None:
        self.found = tuple(found)
        super().__init__("\n".join(self.found))
