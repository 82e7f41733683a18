"""The service catalogue: what a customer may ask for, one file each in ``app/catalogue``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path

from app.errors import NoSuch
from app.services.casework.catalogue_files import OTHER, read_categories, read_services
from app.services.casework.catalogue_model import Category, Service

__all__ = ["Category", "Service", "by_category", "categories", "find", "search", "services"]

FOLDER = Path(__file__).parents[2] / "catalogue"


@lru_cache(maxsize=1)
def services() -> Mapping[str, Service]:
    """All services by key, in the order of their file names; raises ``sla.SettingsRefused`` for
    a file that cannot be used, which the start of every part tells."""
    return read_services(FOLDER.glob("*.toml"))


@lru_cache(maxsize=1)
def categories() -> Mapping[str, Category]:
    """All headings by key, in their order."""
    return read_categories((FOLDER / "groups").glob("*.toml"))


def find(key: str) -> Service:
    """The service of that key; raises NoSuch."""
    try:
        return services()[key]
    except KeyError:
        raise NoSuch(en=f"service {key}", fa=f"خدمت {key}") from None


def by_category(found: Iterable[Service]) -> list[tuple[Category | None, list[Service]]]:
    """The services under their headings, in the headings' order; what has none comes last."""
    groups: dict[str, list[Service]] = {key: [] for key in (*categories(), OTHER)}
    for service in found:
        groups[service.category if service.category in groups else OTHER].append(service)
    return [(categories().get(key), items) for key, items in groups.items() if items]


def search(text: str, language: str, among: Iterable[Service] | None = None) -> list[Service]:
    """The services whose name, description or keywords hold every word of the text."""
    words = text.casefold().split()
    looked_at = services().values() if among is None else among
    return [service for service in looked_at if _fits(service, words, language)]


def _fits(service: Service, words: list[str], language: str) -> bool:
    texts = (service.names, service.descriptions, service.keywords)
    haystack = " ".join(text.get(language, "") for text in texts).casefold()
    return all(word in haystack for word in words)
