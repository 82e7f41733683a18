"""Header lines that come back as they were written.

The folding of the standard library's ``EmailPolicy`` loses blanks between encoded words, which
corrupts Persian subjects and lists of Persian names. Here such headers are folded through the
older ``email.header.Header``, which splits between characters and keeps every blank.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from email.charset import BASE64, Charset
from email.header import Header

from connectors.addresses import Address, has_control_characters
from connectors.errors import BadHeader

_PLAIN = re.compile(r"[A-Za-z0-9!#$%&'*+/.:_-]+( [A-Za-z0-9!#$%&'*+/.:_-]+)*")
"""Words that need neither encoding nor quoting; everything else is encoded, to be exact."""
_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+/_-]+( [A-Za-z0-9!#$%&'*+/_-]+)*")
_LINE = 76

_UTF8 = Charset("utf-8")
_UTF8.header_encoding = BASE64


def fold_text(name: str, text: str) -> str:
    """The header with a text; line breaks are ``\\n``. Raises :class:`BadHeader` for a text that
    would begin another header."""
    _refuse_breaks(name, text)
    return f"{name}: {_fold_words(text, len(name) + 2, _PLAIN)}"


def fold_addresses(name: str, addresses: Sequence[Address]) -> str:
    """The header with addresses and the names of their people, one on each line."""
    for one in addresses:
        _refuse_breaks(name, one.name + one.mailbox)
    starts = (len(name) + 2 if number == 0 else 1 for number in range(len(addresses)))
    return f"{name}: " + ",\n ".join(map(_fold_address, addresses, starts))


def fold_list(name: str, words: Sequence[str]) -> str:
    """The header with words that need no encoding, on one line when they have room there."""
    line = f"{name}: {' '.join(words)}"
    return line if len(line) <= _LINE else f"{name}: " + "\n ".join(words)


def _refuse_breaks(name: str, text: str) -> None:
    if has_control_characters(text):
        raise BadHeader(name)


def _fold_address(one: Address, used: int) -> str:
    if not one.name:
        return one.mailbox
    name = _fold_words(one.name, used, _NAME)
    blank = " " if len(name.rpartition("\n")[2]) + len(one.mailbox) + 4 < _LINE else "\n "
    return f"{name}{blank}<{one.mailbox}>"


def _fold_words(text: str, used: int, plain: re.Pattern[str]) -> str:
    """Return the text as it stands when it is short and plain, else as encoded words."""
    if not text or (plain.fullmatch(text) and len(text) + used <= _LINE):
        return text
    header = Header(text, _UTF8, maxlinelen=_LINE, header_name="x" * max(used - 2, 0))
    return header.encode(linesep="\n")
