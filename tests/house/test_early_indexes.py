"""The operator's page lists each index that may be built before an upgrade, as migrations do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.util import module_from_spec, spec_from_file_location
from typing import Any

from tests.house.sources import ROOT

_FIRST = "0033"
_LISTED = re.compile(r"^CREATE INDEX CONCURRENTLY [^;]+;", re.MULTILINE)


class _Recorder:
    """Takes the place of Alembic's ``op``: what may be there already is written down."""

    def __init__(self) -> None:
        self.found: list[str] = []

    def create_index(
        self, name: str, table: str, columns: list[object], *,
        postgresql_where: object = None, if_not_exists: bool = False, **_more: object,
    ) -> None:  # fmt: skip
        if if_not_exists:
            where = "" if postgresql_where is None else f" WHERE {postgresql_where}"
            parts = ", ".join(map(str, columns))
            self.found.append(f"CREATE INDEX CONCURRENTLY {name} ON {table} ({parts}){where};")

    def __getattr__(self, _name: str) -> Any:
        return lambda *_values, **_more: None


def _made() -> Iterator[str]:
    for path in sorted((ROOT / "app" / "migrations" / "versions").glob("0*.py")):
        if path.name[:4] < _FIRST:
            continue
        spec = spec_from_file_location(path.stem, path)
        assert spec is not None and spec.loader is not None
        module: Any = module_from_spec(spec)
        spec.loader.exec_module(module)
        module.op = recorder = _Recorder()
        module.upgrade()
        yield from recorder.found


def test_the_indexes_that_may_be_built_before_are_those_of_the_migrations() -> None:
    page = (ROOT / "docs" / "how-to" / "operator.md").read_text(encoding="utf-8")
    listed = {" ".join(one.split()) for one in _LISTED.findall(page)}
    assert listed == set(_made())
