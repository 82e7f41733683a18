"""What the pages and the command line show of letters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from app.access import Actor, may_see_request
from app.db import session
from app.errors import NoSuch
from app.models import LetterVersion, ServiceRequest
from app.services.accounts import people
from app.services.sending import letter_uses, letters, wording
from app.services.sending.letter_uses import Use
from connectors.messages import Title, shipped, title_of

NEWEST_REQUESTS = 5
"""Requests that are offered for a preview."""


@dataclass(frozen=True)
class Row:
    """One letter of the list."""

    key: str
    titles: Mapping[str, Title]
    """What the template's first lines call it, by language."""
    uses: Sequence[Use]
    version: LetterVersion | None
    """The newest version of the organisation, where it differs from what is shipped."""
    by: Mapping[str, str] | None
    """The names of who made it."""
    is_shipped: bool

    def title(self, language: str) -> Title:
        """In this language, else in another one."""
        return self.titles.get(language) or next(iter(self.titles.values()))


def all_letters() -> list[Row]:
    """Every letter, by its key."""
    uses, own, known = letter_uses.of_all(), letters.newest(), letters.all_keys()
    names = _names(own.values())
    return [_row(key, uses.get(key, []), own.get(key), names) for key in sorted(known)]


def _names(rows: Iterable[LetterVersion]) -> dict[int, Mapping[str, str]]:
    """The names of those who made these versions, by id."""
    return {one.id: one.names for one in people.of_ids({row.by for row in rows if row.by})}


def _row(
    key: str, uses: Sequence[Use], row: LetterVersion | None, names: Mapping[int, Mapping[str, str]]
) -> Row:
    titles = {one: title_of(text) for one, text in letters.find_known(key).items()}
    version = row if row is not None and row.texts else None
    by = names.get(version.by or 0) if version else None
    return Row(key, titles, uses, version, by, key in shipped())


def of_version(key: str, number: int) -> dict[str, str]:
    """The texts that were in force with that version; raises NoSuch."""
    found = next((row for row in letters.versions(key) if row.version == number), None)
    if found is None:
        raise NoSuch(en=f"version {number} of the letter {key}", fa=f"نسخهٔ {number} نامهٔ {key}")
    return letters.shipped_sources(key) | found.texts


def beside(key: str, actor: Actor) -> dict[str, Any]:
    """What the page of a letter shows beside it."""
    versions = letters.versions(key)
    given, anything = letter_uses.given_to(key)
    return {
        "versions": versions,
        "names": _names(versions),
        "worded": letters.worded(key),
        "shipped": frozenset(shipped().get(key, ())),
        "uses": letter_uses.of_all().get(key, []),
        "given": sorted(given or ()),
        "anything": anything or given is None,
        "facts": sorted(wording.FACTS),
        "numbers": newest_numbers(actor),
    }


def newest_numbers(actor: Actor) -> list[str]:
    """The newest requests that the actor may see."""
    query = select(ServiceRequest).order_by(ServiceRequest.id.desc()).limit(50)
    seen = [one.number for one in session().scalars(query) if may_see_request(actor, one)]
    return seen[:NEWEST_REQUESTS]
