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
from email.policy import EmailPolicy
from typing import Any

from connectors.addresses import Address, has_control_characters
from connectors.errors import BadHeader

_PLAIN = re.compile(r"[A-Za-z0-9!#$%&'*+/.:_-]+( [A-Za-z0-9!#$%&'*+/.:_-]+)*")
"""Words that need neither encoding nor quoting; everything else is encoded, to be exact."""
_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+/_-]+( [A-Za-z0-9!#$%&'*+/_-]+)*")
_ADDRESSES = frozenset({"from", "to", "cc", "reply-to", "sender"})
_LINE = 76

_UTF8 = Charset("utf-8")
_UTF8.header_encoding = BASE64


class FoldedPolicy(EmailPolicy):
    """Takes ``Subject`` as a string and address headers as a sequence of :class:`Address`."""

    def header_store_parse(self, name: str, value: Any) -> tuple[str, Any]:
        if name.lower() == "subject" or name.lower() in _ADDRESSES:
            _refuse_breaks(name, value)
            return name, value
        return super().header_store_parse(name, value)

    def header_fetch_parse(self, name: str, value: Any) -> Any:
        """Return what was stored; without this the library would parse our own values."""
        return value

    def fold(self, name: str, value: Any) -> str:
        if name.lower() == "subject":
            folded = _fold_words(value, len(name) + 2, _PLAIN)
        elif name.lower() in _ADDRESSES:
            folded = _fold_addresses(value, len(name) + 2)
        else:
            return str(super().fold(name, value))
        return f"{name}: {folded}\n".replace("\n", self.linesep)

    def fold_binary(self, name: str, value: Any) -> bytes:
        return self.fold(name, value).encode("ascii")


def _refuse_breaks(name: str, value: str | Sequence[Address]) -> None:
    texts = [value] if isinstance(value, str) else [a.name + a.mailbox for a in value]
    if any(has_control_characters(text) for text in texts):
        raise BadHeader(name)


def _fold_addresses(addresses: Sequence[Address], used: int) -> str:
    folded = [_fold_address(one, used if i == 0 else 1) for i, one in enumerate(addresses)]
    return ",\n ".join(folded)


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
