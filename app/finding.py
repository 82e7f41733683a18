"""What ``peygir doctor`` says of one thing that it has looked at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    state: Literal["ok", "problem", "note"]
    text: str
    instance_id: int | None = None
    """The instance whose tables are to be mended."""


Findings = Iterator[Finding]
