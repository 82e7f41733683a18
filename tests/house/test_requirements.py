"""House rules about what is installed: declared, pinned, hashed, and the same everywhere."""

from __future__ import annotations

import re
import sys
from configparser import ConfigParser
from importlib.metadata import packages_distributions

from tests.house.sources import PACKAGES, ROOT, product

PARTS_OF_FLASK = {"blinker", "itsdangerous", "jinja2", "markupsafe", "werkzeug"}
FOR_EXTRAS = {
    "connectors/lying_smtp.py": "a fake mail server, of the extra `testing`",
    "connectors/soap_signatures.py": "signed SOAP messages, of the extra `wssecurity`",
}


def plain(name: str) -> str:
    """The name as package indexes compare it."""
    return re.sub(r"[-_.]+", "-", re.split(r"[\[<=>~!]", name.strip())[0]).lower()


def declared() -> set[str]:
    lines = (ROOT / "requirements" / "runtime.in").read_text(encoding="utf-8").splitlines()
    return {plain(line) for line in lines if line.strip() and not line.startswith("#")}


def test_everything_imported_is_declared() -> None:
    homes = packages_distributions()
    known = set(sys.stdlib_module_names) | set(PACKAGES) | PARTS_OF_FLASK
    undeclared = {
        f"{source.name}:{line} {name}"
        for source in product()
        if source.name not in FOR_EXTRAS
        for line, name in source.imports()
        if (top := name.split(".")[0]) not in known
        and not declared() & {plain(home) for home in homes.get(top, [])}
    }
    assert not undeclared, f"add to requirements/runtime.in and setup.cfg: {undeclared}"


def test_everything_declared_is_declared_in_both_places() -> None:
    setup = ConfigParser()
    setup.read(ROOT / "setup.cfg", encoding="utf-8")
    installed = {plain(line) for line in setup["options"]["install_requires"].split("\n") if line}
    assert installed == declared() - {"setuptools"}


def test_everything_is_pinned_and_hashed() -> None:
    for name in ("runtime.txt", "wssecurity.txt", "dev.txt"):
        text = (ROOT / "requirements" / name).read_text(encoding="utf-8")
        pins = re.findall(r"^(\S+==\S+)(.*)\n((?:    --hash=.*\n)*)", text, re.MULTILINE)
        assert len(pins) == len(re.findall(r"^[A-Za-z0-9]", text, re.MULTILINE))
        assert all("--hash=sha256:" in hashes for _, _, hashes in pins)
        assert "//" not in re.sub(r"#.*", "", text)


def test_the_list_for_tests_holds_the_one_for_running() -> None:
    def pins(name: str) -> set[str]:
        text = (ROOT / "requirements" / name).read_text(encoding="utf-8")
        return set(re.findall(r"^\S+==\S+", text, re.MULTILINE))

    assert pins("runtime.txt") <= pins("dev.txt")
