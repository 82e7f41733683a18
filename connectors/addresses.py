"""E-mail addresses: what is let in, and the form in which they travel."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

import idna

from connectors.errors import BadAddress

_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")


@dataclass(frozen=True)
class Address:
    """A mailbox as it is written on the wire, with the name of the person if known."""

    mailbox: str
    """``local@domain`` in ASCII, the domain in its IDNA form."""
    name: str = ""

    @property
    def domain(self) -> str:
        return self.mailbox.rpartition("@")[2]


def address(text: str, name: str = "") -> Address:
    """Read one address as a person typed it, such as ``ali@مثال.ایران``.

    Raises :class:`BadAddress` for anything that is not one plain mailbox: a local part that is
    not ASCII or is quoted, a domain that IDNA 2008 refuses, control characters, more than 254
    characters.
    """
    local, at, domain = text.strip().rpartition("@")
    if not at or len(local) > 64 or not _LOCAL.fullmatch(local):
        raise BadAddress(_shown(text))
    try:
        mailbox = f"{local}@{_ascii_domain(domain)}"
    except (idna.IDNAError, UnicodeError):
        raise BadAddress(_shown(text)) from None
    if len(mailbox) > 254:
        raise BadAddress(_shown(text))
    return Address(mailbox, _clean_name(name))


def one_line(text: str) -> str:
    """The text on one line: breaks and other control characters become a blank, and blanks within
    it stay as they are."""
    return _CONTROLS.sub(" ", text).strip()


_CONTROLS = re.compile(f"{_CONTROL.pattern}+")


def has_control_characters(text: str) -> bool:
    """Tell whether the text could break out of its header line."""
    return bool(_CONTROL.search(text))


@lru_cache(maxsize=1024)
def _ascii_domain(domain: str) -> str:
    """Kept, since most letters go to few domains, and each is checked letter by letter."""
    return idna.encode(domain, uts46=True, std3_rules=True).decode("ascii").lower()


def _clean_name(name: str) -> str:
    """Return the name on one line: names come from forms, where a line break is a slip."""
    return " ".join(_CONTROL.sub(" ", name).split())


def _shown(text: str) -> str:
    return _CONTROL.sub("?", text)[:80]
