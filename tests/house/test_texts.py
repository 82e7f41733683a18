"""House rules about every file that is committed."""

from __future__ import annotations

import re

from tests.house.sources import committed_texts

# Written in parts, so that this file does not break its own rules.
HOMES = re.compile(r"/(?:home|Users)/[a-z][\w.-]*/|/" + r"root/|/" + r"work/(?:main|shared)")
REGISTRIES = re.compile(
    r"(?:files\.python" + r"hosted|pypi|registry\.npm" + r"js|proxy\.golang)\.org"
)
ELSEWHERE = re.compile(r"\b(?:issue|ticket|PR) #\d+", re.IGNORECASE)
ARABIC_LETTERS = re.compile("[\u064a\u0643]")
TEXTS = (".bpmn", ".dmn", ".form", ".html", ".json", ".po", ".toml", ".txt")


def test_no_path_of_a_builders_machine() -> None:
    assert not _found(HOMES)


def test_no_registry_is_named() -> None:
    assert not _found(REGISTRIES, skip=("frontend/",))


def test_the_project_speaks_of_itself_alone() -> None:
    assert not _found(ELSEWHERE)


def test_persian_is_written_with_persian_letters() -> None:
    # Only code and its documentation may name the Arabic ones, to turn them into Persian ones.
    assert not [hit for hit in _found(ARABIC_LETTERS) if hit.split(":")[0].endswith(TEXTS)]


def test_lines_end_as_on_linux_and_files_with_a_newline() -> None:
    assert not [name for name, text in committed_texts() if "\r\n" in text]
    # Golden files stay byte for byte what the engine of their day was given.
    kept = (".svg", "/golden/")
    written = [pair for pair in committed_texts() if not any(part in pair[0] for part in kept)]
    assert not [name for name, text in written if text and not text.endswith("\n")]


def _found(pattern: re.Pattern[str], skip: tuple[str, ...] = ()) -> list[str]:
    return [
        f"{name}:{number} {line.strip()[:120]}"
        for name, text in committed_texts()
        if not name.startswith(skip or ("\0",))
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]
