"""What the pages name is there: files and places in them, commands and their options, settings."""

from __future__ import annotations

import re
import shlex
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from importlib.util import find_spec
from itertools import takewhile

import click

from app.cli.commands import main
from tests.house.sources import ROOT, committed_texts

_LINK = re.compile(r"\[[^\]\n]*\]\(([^()\s]+)\)")
_HEADING = re.compile(r"^#{1,6} +(.+?) *#*$", re.MULTILINE)
_ANCHOR = re.compile(r'<a (?:id|name)="([^"]+)"')
_FENCE = re.compile(r"^( *)```(\w*)[^\n]*\n(.*?)^\1```", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
_FOLDERS = ("app", "bench", "bpmn", "connectors", "deploy", "docs", "forms", "frontend", "sla",
            "tests", "tools")  # fmt: skip
_PATH = re.compile(rf"(?:{'|'.join(_FOLDERS)})(?:/[\w.-]+)+/?")


@lru_cache(maxsize=1)
def pages() -> dict[str, str]:
    """Every page by its name."""
    return {name: text for name, text in committed_texts() if name.endswith(".md")}


def current() -> dict[str, str]:
    """The pages about what is there today; the change log also tells of what was."""
    return {name: text for name, text in pages().items() if name != "CHANGELOG.md"}


def prose(text: str) -> str:
    """The page without its blocks of code."""
    return _FENCE.sub("", text)


def slug(heading: str) -> str:
    """The name of the place that a heading makes, as the usual viewers of Markdown give it."""
    words = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()
    return re.sub(r"[^\w\- ]", "", words).replace(" ", "-")


@lru_cache(maxsize=64)
def places(text: str) -> frozenset[str]:
    """Where a link may lead to in a page."""
    found, times = set(_ANCHOR.findall(text)), Counter[str]()
    for name in map(slug, _HEADING.findall(prose(text))):
        found.add(f"{name}-{times[name]}" if times[name] else name)
        times[name] += 1
    return frozenset(found)


def test_every_link_leads_somewhere() -> None:
    wrong = [
        f"{name}: {link}"
        for name, text in pages().items()
        for link in _LINK.findall(prose(text))
        if "://" not in link and not link.startswith("mailto:") and not _is_there(name, link)
    ]
    assert not wrong, "\n".join(wrong)


def _is_there(name: str, link: str) -> bool:
    path, _, place = link.partition("#")
    target = (ROOT / name).parent / path if path else ROOT / name
    if not target.exists():
        return False
    return not place or place in places(target.read_text("utf-8"))


def test_every_file_that_is_named_exists() -> None:
    wrong = [
        f"{name}: {one}"
        for name, text in current().items()
        for one in _CODE.findall(prose(text))
        if _PATH.fullmatch(one) and not (ROOT / one).exists()
    ]
    assert not wrong, "\n".join(wrong)


def shown() -> Iterator[tuple[str, str]]:
    """Every line of a shell that a page shows, and every piece of code in its sentences."""
    for name, text in current().items():
        for _, language, block in _FENCE.findall(text):
            if language in ("", "sh", "bash", "shell", "console"):
                yield from ((name, line) for line in block.replace("\\\n", " ").splitlines())
        yield from ((name, one) for one in _CODE.findall(prose(text)))


def calls_of(program: str) -> Iterator[tuple[str, str, list[str]]]:
    """Where a page shows a call of the program, by its line, and with which arguments."""
    call = re.compile(rf"{_BEFORE}{program}(?:$| +(.*))")
    for name, line in shown():
        if found := call.match(line.strip()):
            yield name, line.strip(), list(_words(found[1] or ""))


def _words(text: str) -> Iterator[str]:
    """The words of a command up to its end, be that a comment, a pipe or another command."""
    words = shlex.shlex(text, posix=True, punctuation_chars=True)
    words.whitespace_split = True
    return takewhile(lambda word: not set(word) <= set("|;&<>()"), words)


_BEFORE = r"(?:.*\$\(|.*&& |(?:sudo |[A-Z_]+=\S+ |podman exec -it <container> )*(?:\S*/bin/)?)"
"""What may stand before the name of a program on a line that calls it."""


def test_every_command_of_ours_exists_with_its_options() -> None:
    found = list(calls_of("peygir"))
    assert len(found) > 100
    wrong = [f"{name}: {line}: {why}" for name, line, given in found if (why := _refused(given))]
    assert not wrong, "\n".join(wrong)


def _refused(given: list[str]) -> str:
    """Why the command line does not take these words; empty when it does."""
    command: click.Command = main
    while isinstance(command, click.Group) and given and not given[0].startswith("-"):
        inner = command.commands.get(given[0])
        if inner is None:
            return f"there is no {given[0]}"
        command, given = inner, given[1:]
    try:
        parser = command.make_parser(click.Context(command))
        _, left, _ = parser.parse_args(list(given))
    except click.UsageError as error:
        return error.format_message()
    return f"too much: {left}" if left else ""


def test_every_target_of_make_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE))
    wrong = [
        f"{name}: {line}"
        for name, line, given in calls_of("make")
        if not {one for one in given if re.fullmatch(r"[a-z-]+", one)} <= targets
    ]
    assert not wrong, "\n".join(wrong)


def test_every_module_that_is_run_exists() -> None:
    wrong = [
        f"{name}: {line}"
        for name, line, given in calls_of("python3?")
        if given[:1] == ["-m"] and find_spec(given[1]) is None
    ]
    assert not wrong, "\n".join(wrong)


def test_every_setting_that_a_page_names_is_read_and_each_is_named() -> None:
    told = set(_SETTING.findall("\n".join(pages().values())))
    code = "\n".join(text for name, text in committed_texts() if name.startswith(_READERS))
    read = set(_SETTING.findall(code))
    assert told - read == set(), "no program reads these"
    assert set(_SETTING.findall((ROOT / "app/config.py").read_text())) - told == set()


_SETTING = re.compile(r"\bPEYGIR_[A-Z_]*[A-Z]\b")
_READERS = ("app/", "connectors/", "deploy/", "tools/", "tests/", "bench/")
