"""What a measurement tells beside its figures; it goes to the standard error output."""

from __future__ import annotations

import sys


def tell(sentence: str) -> None:
    """Tell one line."""
    sys.stderr.write(f"  {sentence}\n")
    sys.stderr.flush()
