"""Our own source files, for rules about all of them."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("app", "bpmn", "connectors", "forms", "sla")
GENERATED = ("app/static/dist/", "frontend/package-lock.json", "requirements/", "docs/licences.md")


@dataclass(frozen=True)
class Source:
    """One Python file and what it says."""

    path: Path

    @property
    def name(self) -> str:
        """Its path below the root: ``app/services/desk/tasks.py``."""
        return self.path.relative_to(ROOT).as_posix()

    @cached_property
    def text(self) -> str:
        """Its text."""
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def tree(self) -> ast.Module:
        """Its syntax tree."""
        return ast.parse(self.text, self.name)

    def calls(self) -> Iterator[tuple[int, str]]:
        """The line and the last name of everything it calls: ``session.commit()`` is commit."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call):
                target = node.func
                if isinstance(target, ast.Attribute):
                    yield node.lineno, target.attr
                elif isinstance(target, ast.Name):
                    yield node.lineno, target.id

    def imports(self) -> Iterator[tuple[int, str]]:
        """The line and the full name of every module it imports."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from ((node.lineno, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                yield node.lineno, node.module
                yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


@lru_cache(maxsize=1)
def product() -> tuple[Source, ...]:
    """Every Python file of the product."""
    files = (path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py")))
    return tuple(Source(path) for path in files)


@lru_cache(maxsize=1)
def committed_texts() -> tuple[tuple[str, str], ...]:
    """Name and text of every file that people wrote and git knows, or will know."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return tuple(_texts(name for name in listed.splitlines() if not name.startswith(GENERATED)))


def _texts(names: Iterator[str]) -> Iterator[tuple[str, str]]:
    for name in names:
        try:
            yield name, (ROOT / name).read_text(encoding="utf-8")
        except (UnicodeDecodeError, FileNotFoundError):
            # A picture or a font says nothing, nor does a file that is gone already.
            continue
