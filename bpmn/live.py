"""The live tokens of an instance by their keys, the resting ones among them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bpmn.instance import Instance, Token


class Live(dict[str, "Token"]):
    """The live tokens by their keys; who looks through them all wakes those that rest."""

    def __init__(self, instance: Instance) -> None:
        super().__init__()
        self._instance = instance

    def awake(self) -> list[Token]:
        """Those that do not rest."""
        return list(dict.values(self))

    def get(self, key: str, default: Any = None) -> Any:
        """The token of a key, woken if it rests."""
        found = dict.get(self, key)
        return self._instance.wake(key) or default if found is None else found

    def __missing__(self, key: str) -> Token:
        found = self._instance.wake(key)
        if found is None:
            raise KeyError(key)
        return found

    def __contains__(self, key: object) -> bool:
        return dict.__contains__(self, key) or self._instance.wake(str(key)) is not None

    def __iter__(self) -> Iterator[str]:
        self._instance.wake_all()
        return dict.__iter__(self)

    def __len__(self) -> int:
        self._instance.wake_all()
        return dict.__len__(self)

    def keys(self) -> Any:
        """All keys."""
        self._instance.wake_all()
        return dict.keys(self)

    def values(self) -> Any:
        """All tokens."""
        self._instance.wake_all()
        return dict.values(self)

    def items(self) -> Any:
        """All of both."""
        self._instance.wake_all()
        return dict.items(self)
