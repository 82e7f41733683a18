"""House rules about the code, so that nobody has to remember them."""

from __future__ import annotations

import ast
import math
from collections.abc import Iterable

from tests.house.sources import ROOT, Source, committed_texts, product

COMMITTERS = {"app/db.py"}
EVALUATORS = {"eval", "exec", "__import__"}
NETWORK = (
    "smtplib", "imaplib", "poplib", "ftplib", "socket", "ssl", "http.client", "requests",
    "urllib.request", "urllib3", "httpx", "aiohttp", "zeep",
)  # fmt: skip
OWN_SERVERS = {
    "app/supervisor.py": "asks the installation's own /readyz and whether its port is free",
}
LONGEST_FILE, LONGEST_TEST = 450, 500
LONG_FILES = {
    "tests/app/test_access.py": "one table of all calls and actors",
}
"""Files that may be longer, each with the reason why it is still one idea."""

DESCRIBED_ELSEWHERE = (
    "app/migrations/versions/",  # Each says in its first line what it changes.
    "bpmn/feel/builtins/",  # The DMN specification describes these functions, under these names.
    "bpmn/feel/nodes.py",  # The names are those of its grammar.
)


def test_only_the_transaction_commits() -> None:
    found = [
        f"{source.name}:{line}"
        for source in product()
        if source.name not in COMMITTERS
        for line, name in source.calls()
        if name == "commit"
    ]
    assert not found, f"services never commit; the edge opens `transaction()`: {found}"


def test_nothing_is_evaluated_as_python() -> None:
    found = [
        f"{source.name}:{line} {name}"
        for source in product()
        for line, name in _bare_calls(source)
        if name in EVALUATORS
    ]
    assert not found, found


def test_only_connectors_reach_the_network() -> None:
    found = [
        f"{source.name}:{line} {name}"
        for source in product()
        if not source.name.startswith("connectors/") and source.name not in OWN_SERVERS
        for line, name in source.imports()
        if _is_any(name, NETWORK)
    ]
    assert not found, f"what leaves the house goes through connectors/: {found}"


def test_xml_is_read_through_hardened_doors_only() -> None:
    weak = ("xml.etree", "xml.dom", "xml.sax", "xml.parsers")
    found = [
        f"{source.name}:{line} {name}"
        for source in product()
        for line, name in source.imports()
        if _is_any(name, weak)
    ]
    assert not found, f"lxml with entities, network and DTDs off reads XML: {found}"


def test_a_file_holds_one_idea() -> None:
    found = [
        f"{name}: {lines} lines"
        for name, text in committed_texts()
        if name.endswith(".py") and not name.startswith("app/migrations/")
        if (lines := text.count("\n")) > _most_lines(name)
    ]
    assert not found, found


def _most_lines(name: str) -> float:
    if name in LONG_FILES:
        return math.inf
    return LONGEST_TEST if name.startswith("tests/") else LONGEST_FILE


def test_every_file_and_every_public_name_says_what_it_gives() -> None:
    found = [
        f"{source.name}:{line} {name}"
        for source in product()
        if not source.name.startswith(DESCRIBED_ELSEWHERE)
        for line, name in _undocumented(source)
    ]
    assert not found, found


def test_nothing_is_left_for_later() -> None:
    marks = ("TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK")
    found = [
        f"{source.name}:{number} {line.strip()}"
        for source in product()
        for number, line in enumerate(source.text.splitlines(), 1)
        if any(mark in line for mark in marks)
    ]
    assert not found, found


def test_every_package_is_listed_for_installation() -> None:
    listed = (ROOT / "setup.cfg").read_text(encoding="utf-8").split("packages =\n")[1]
    names = {line.strip() for line in listed.split("\n#")[0].splitlines() if line.startswith("  ")}
    folders = {source.path.parent.relative_to(ROOT).as_posix() for source in product()}
    assert {folder.replace("/", ".") for folder in folders} <= names


def _bare_calls(source: Source) -> Iterable[tuple[int, str]]:
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            yield node.lineno, node.func.id


def _is_any(name: str, modules: Iterable[str]) -> bool:
    return any(name == module or name.startswith(f"{module}.") for module in modules)


def _undocumented(source: Source) -> Iterable[tuple[int, str]]:
    if not ast.get_docstring(source.tree) and source.text.strip():
        yield 1, "the module"
    for node in source.tree.body:
        if not isinstance(node, ast.FunctionDef | ast.ClassDef) or node.name.startswith("_"):
            continue
        if not ast.get_docstring(node):
            yield node.lineno, node.name
