"""What our own mail server says of a sender's address: Authentication-Results (RFC 8601).

Anybody can write such a header, so only those under the name of our own server count
(its ``authserv-id``, which an administrator gives), and of these only the topmost and what stands
right below it, up to the next ``Received``: a server puts its own lines above everything
that came from outside. It must take away those of strangers that bear its name (RFC 8601, 5);
where it does not, what two of them say differently counts as failed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

Proof = Literal["pass", "fail", "none"]
"""``pass``: the address is proved to be that of who wrote; ``fail``: it is said to be another's;
``none``: neither is known."""

RESULTS, RECEIVED = "authentication-results", "received"
LONGEST = 4000
"""Characters of one header that are read."""
_RESULT = re.compile(r"([a-z0-9-]{1,40})(?:/[0-9]+)?=([a-z]{1,40})")
_PROPERTY = re.compile(r"([a-z0-9.-]{1,60})=([^\s;]{1,300})")
_ID = re.compile(r'"?([^\s";]{1,255})"?(?:\s+[0-9]+)?')
_ESCAPED = re.compile(r"\\.")
"""In quotes and comments. A sender chooses what stands before the @, so its marks end nothing."""
_FAILED = frozenset({"fail", "hardfail", "policy"})
"""A soft failure is a doubt and no proof (RFC 7208, 8.5): forwarded mails have it."""


@dataclass(frozen=True)
class Result:
    """What one method found out."""

    method: str
    """``dmarc``, ``dkim``, ``spf`` or another, in lower case."""
    value: str
    properties: dict[str, str]
    """Such as ``header.d``, in lower case."""


def judge(trace: Sequence[tuple[str, str]], authserv_id: str, domain: str) -> Proof:
    """What the server of this name says of a sender at ``domain``.

    ``trace`` are the headers ``received`` and ``authentication-results`` of a mail, names in
    lower case, the topmost first. DMARC decides where it was judged for this domain; else a
    passed DKIM or SPF of the same domain, of one above or of one below it is proof, and
    without such a one a failed DKIM or SPF speaks against it.
    """
    found = [one for value in _trusted(trace, authserv_id) for one in _results(value)]
    told = {one.value for one in found if one.method == "dmarc" and _is_about(one, domain)}
    if "fail" in told:
        return "fail"
    if "pass" in told:
        return "pass"
    others = [one for one in found if one.method in _DOMAINS]
    if any(one.value == "pass" and _is_aligned(_domain_of(one), domain) for one in others):
        return "pass"
    return "fail" if any(one.value in _FAILED for one in others) else "none"


_DOMAINS = {"dkim": ("header.d", "header.i"), "spf": ("smtp.mailfrom", "smtp.mail")}
"""Which property of a method's result names the domain that was proved."""


def _trusted(trace: Sequence[tuple[str, str]], authserv_id: str) -> Iterator[str]:
    """The results that our server wrote, without its name before them."""
    is_ours = False
    for name, value in trace:
        if name == RECEIVED and is_ours:
            return
        head, _, rest = _plain(value).partition(";")
        written = _ID.fullmatch(head.strip()) if name == RESULTS else None
        if written is not None and written[1] == authserv_id.strip().casefold():
            is_ours = True
            yield rest


def _plain(value: str) -> str:
    """The header in lower case, on one line, without its comments, which may lie in each other."""
    found, depth, is_quoted = [], 0, False
    for sign in _ESCAPED.sub("_", " ".join(value[:LONGEST].split()).casefold()):
        if sign == '"' and not depth:
            is_quoted = not is_quoted
        depth += (sign == "(") * (not is_quoted)
        if not depth:
            found.append("_" if is_quoted and sign in "; " else sign)
        elif sign == ")":
            depth -= 1
    return "".join(found)


def _results(value: str) -> Iterator[Result]:
    for part in value.split(";"):
        words = part.split()
        found = _RESULT.fullmatch(words[0]) if words else None
        if found is not None:
            pairs = (_PROPERTY.fullmatch(word) for word in words[1:])
            properties = {one[1]: one[2].strip('"') for one in pairs if one}
            yield Result(found[1], found[2], properties)


def _is_about(result: Result, domain: str) -> bool:
    """Whether a result of DMARC is about this domain: some servers do not say about which."""
    told = result.properties.get("header.from", "")
    return not told or _is_aligned(_tail(told), domain)


def _domain_of(result: Result) -> str:
    named = (result.properties.get(name, "") for name in _DOMAINS[result.method])
    return _tail(next(filter(None, named), ""))


def _tail(address: str) -> str:
    return address.rpartition("@")[2].strip(".<>")


def _is_aligned(proved: str, domain: str) -> bool:
    """Whether both are one, or one lies in the other (RFC 7489, 3.1, without a list of public
    suffixes: a domain of a single label never counts)."""
    shorter, longer = sorted((proved, domain.casefold()), key=len)
    return "." in shorter and (longer == shorter or longer.endswith(f".{shorter}"))
