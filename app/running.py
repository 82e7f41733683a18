"""What the running application holds, for those below its edges: the one place where they ask
Flask for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import current_app

from app.config import Settings

Kept = TypeVar("Kept")


def settings() -> Settings:
    """The settings of the application whose context is open."""
    found: Settings = _extensions()["peygir.settings"]
    return found


def kept(name: str, make: Callable[[], Kept]) -> Kept:
    """What was kept under this name for as long as the application lives, made when it is not
    there."""
    extensions = _extensions()
    if name not in extensions:
        extensions[name] = make()
    found: Kept = extensions[name]
    return found


def found(name: str) -> Any:
    """What the application was made with under this name."""
    return _extensions()[name]


def keep(name: str, value: object) -> None:
    """Keep something under this name in place of what was there."""
    _extensions()[name] = value


def forget(name: str) -> None:
    """Keep it no more."""
    _extensions().pop(name, None)


def _extensions() -> dict[str, Any]:
    # The application itself: each look through the proxy costs more than all the rest.
    found: dict[str, Any] = current_app._get_current_object().extensions  # type: ignore[attr-defined]  # Declared as the application alone.
    return found
