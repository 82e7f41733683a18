"""Words for the keys that tables hold."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _


def priority_word(key: Any) -> str:
    """A priority in the reader's language."""
    words: dict[str, str] = {
        "urgent": _("Urgent"),
        "high": _("High"),
        "normal": _("Normal"),
        "low": _("Low"),
    }
    return words.get(str(key), str(key))
