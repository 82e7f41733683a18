"""One function, or one topic of the language, as the reference page tells it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Entry:
    """What a function gives, in both languages, with expressions that show it."""

    en: str
    fa: str
    examples: tuple[str, ...]


@dataclass(frozen=True)
class Topic:
    """A type, an operator or a kind of expression."""

    title: str
    en: str
    fa: str
    examples: tuple[str, ...]


def entry(en: str, fa: str, *examples: str) -> Entry:
    """The entry."""
    return Entry(en, fa, examples)


def topic(title: str, en: str, fa: str, *examples: str) -> Topic:
    """The topic."""
    return Topic(title, en, fa, examples)
