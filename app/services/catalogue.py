"""The service catalogue: what a customer may ask for, one file each in ``app/catalogue``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from app.errors import NoSuch

FOLDER = Path(__file__).parent.parent / "catalogue"


@dataclass(frozen=True)
class Service:
    """One catalogue item (ITIL 4 service catalogue)."""

    key: str
    kind: str
    names: Mapping[str, str]
    descriptions: Mapping[str, str]
    promise: Mapping[str, str]
    """What we promise, in the customer's words."""
    icon: str
    process: str
    form: str
    policy: str
    keywords: Mapping[str, str]
    """Further words that the search finds it by."""


@lru_cache(maxsize=1)
def services() -> Mapping[str, Service]:
    """All services by key, in the order of their file names."""
    return {service.key: service for service in map(_read, sorted(FOLDER.glob("*.toml")))}


def _read(path: Path) -> Service:
    with path.open("rb") as file:
        item = tomllib.load(file)
    return Service(
        key=item["key"],
        kind=item["kind"],
        names=item["names"],
        descriptions=item["descriptions"],
        promise=item["promise"],
        icon=item["icon"],
        process=item["process"],
        form=item["form"],
        policy=item["policy"],
        keywords=item.get("keywords", {}),
    )


def find(key: str) -> Service:
    """The service of that key; raises NoSuch."""
    try:
        return services()[key]
    except KeyError:
        raise NoSuch(en=f"service {key}", fa=f"خدمت {key}") from None


def search(text: str, language: str) -> list[Service]:
    """The services whose name, description or keywords hold every word of the text."""
    words = text.casefold().split()
    return [service for service in services().values() if _fits(service, words, language)]


def _fits(service: Service, words: list[str], language: str) -> bool:
    texts = (service.names, service.descriptions, service.keywords)
    haystack = " ".join(text.get(language, "") for text in texts).casefold()
    return all(word in haystack for word in words)
