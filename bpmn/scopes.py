"""The variables of an instance, in scopes as Zeebe has them.

The process has the root scope. An activity with input mappings, a subprocess and each turn of
a multi-instance activity has a scope of its own inside the one around it. A variable is read
from the nearest scope that has it; a result is written to the nearest scope that has the
variable already, else to the root. A called process has a root of its own. A value is replaced
whole, never merged, so two branches cannot mix their lists.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from bpmn.records import Records

ROOT = "0"

Changes = dict[str, set[str]]
"""The names of variables that were written, each with the scopes in which."""


@dataclass
class Scope:
    """One set of variables: its parent's id, the token that owns it, and the values."""

    parent: str | None
    owner: str | None
    values: dict[str, Any] = field(default_factory=dict)
    keeps: list[str] | bool = False
    """Which results stay here, in a turn whose output is collected; all when it is true."""
    done: Records = field(default_factory=lambda: Records([]))
    """What is complete here and can be undone, in order; see ``bpmn.compensation``."""

    def holds(self, name: str) -> bool:
        """Whether a variable is written here and not further out."""
        if isinstance(self.keeps, bool):
            return self.keeps or name in self.values
        return name in self.values or name in self.keeps


class Scopes:
    """All scopes of one instance."""

    def __init__(self) -> None:
        self.all: dict[str, Scope] = {ROOT: Scope(None, None)}
        self.changed: Changes = {}
        """What was written since the conditions were judged last."""

    def open(self, key: str, parent: str | None, owner: str, values: Mapping[str, Any]) -> Scope:
        """A new scope, named by ``key``; without a parent it sees no variables but its own."""
        self.all[key] = Scope(parent, owner, dict(values))
        for name in values:
            self.changed.setdefault(name, set()).add(key)
        return self.all[key]

    def close(self, key: str) -> None:
        """Forget a scope; closing twice does nothing."""
        self.all.pop(key, None)

    def view(self, key: str) -> dict[str, Any]:
        """All variables that can be read from a scope, by name."""
        scope = self.all[key]
        if scope.parent is None:
            return dict(scope.values)
        return {**self.view(scope.parent), **scope.values}

    def chain(self, key: str) -> Iterator[str]:
        """A scope and those around it from which its variables are read, nearest first."""
        place: str | None = key
        while place is not None:
            yield place
            place = self.all[place].parent

    def value(self, key: str, name: str) -> Any:
        """What writing this variable from a scope would replace; None when that is nothing."""
        return self.all[self._home(key, name)].values.get(name)

    def write(self, key: str, values: Mapping[str, Any]) -> None:
        """Set each variable where it lives already, else in the root scope."""
        for name, value in values.items():
            self._write_home(key, name)[name] = value

    def write_path(self, key: str, path: str, value: Any) -> None:
        """Set a dotted target, ``customer.phone``; the other fields of the context stay."""
        name, *rest = path.split(".")
        values = self._write_home(key, name)
        values[name] = with_path(values.get(name), rest, value) if rest else value

    def set(self, key: str, values: Mapping[str, Any]) -> None:
        """Set each variable exactly in this scope."""
        for name, value in values.items():
            self.changed.setdefault(name, set()).add(key)
            self.all[key].values[name] = value

    def _write_home(self, key: str, name: str) -> dict[str, Any]:
        """The values among which a variable is about to be written."""
        home = self._home(key, name)
        self.changed.setdefault(name, set()).add(home)
        return self.all[home].values

    def _home(self, key: str, name: str) -> str:
        """The scope in which a variable is written."""
        scope = self.all[key]
        while scope.parent is not None and not scope.holds(name):
            key = scope.parent
            scope = self.all[key]
        return key


def with_path(old: Any, path: list[str], value: Any) -> Any:
    """A copy of ``old`` in which the value stands under the path; other fields are kept."""
    if not path:
        return value
    fields = dict(old) if isinstance(old, dict) else {}
    fields[path[0]] = with_path(fields.get(path[0]), path[1:], value)
    return fields
