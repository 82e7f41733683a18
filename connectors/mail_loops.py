"""Mails that machines wrote: never answered automatically (RFC 3834 and what is usual)."""

from __future__ import annotations

import re
from collections.abc import Mapping

_MACHINES = re.compile(
    r"(mailer-daemon|mdaemon|postmaster|no-?reply|do-?not-?reply|bounces?|autoreply)([+.=-].*)?",
    re.IGNORECASE,
)


def why_automatic(
    headers: Mapping[str, str], return_path: str | None, sender: str, subject: str = ""
) -> str | None:
    """Which mark of a machine the mail carries; None for a mail that a person seems to have sent.

    ``headers`` has lower-case names. ``return_path`` is the envelope sender: empty for the null
    one, None when it is not known. The answer is a stable word: ``auto_submitted``,
    ``null_return_path``, ``precedence``, ``list``, ``auto_reply``, ``report``, ``machine``.
    """
    submitted = headers.get("auto-submitted", "no").partition(";")[0].strip().casefold()
    if submitted not in ("no", ""):
        return "auto_submitted"
    if return_path == "":
        return "null_return_path"
    if headers.get("precedence", "").strip().casefold() in _PRECEDENCE:
        return "precedence"
    if any(name in headers for name in ("list-id", "list-unsubscribe", "list-post")):
        return "list"
    if any(name in headers for name in _AUTO_REPLY) or _SUBJECT.match(subject):
        return "auto_reply"
    if headers.get("content-type", "").strip().casefold().startswith("multipart/report"):
        return "report"
    return "machine" if _MACHINES.fullmatch(sender.partition("@")[0]) else None


_SUBJECT = re.compile(
    r"\s*(auto(matic)?[ -]?(reply|response)|out of (the )?office|پاسخ[ \u200c]?خودکار)\b.{0,20}:",
    re.IGNORECASE,
)
"""How answers of programs begin that carry no other mark; people write “Re:” before it."""
_PRECEDENCE = frozenset({"bulk", "junk", "list", "auto_reply", "auto-reply"})
_AUTO_REPLY = (
    "x-autoreply", "x-autorespond", "x-autoreply-from",
    "x-mail-autoreply", "x-peygir-automatic",
)  # fmt: skip
