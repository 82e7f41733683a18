"""What a mail says anew, apart from what it repeats of earlier ones.

No library knows how Persian programs introduce what they quote. What is folded is only folded:
the whole text stays beside it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

MARKS = {
    "fa": "--- لطفاً پاسخ خود را بالای این خط بنویسید ---",
    "en": "--- Please write your answer above this line ---",
}
"""The first line of letters that can be answered; what is below it in an answer is ours."""


@dataclass(frozen=True)
class Reading:
    """A mail's text in two parts."""

    said: str
    """What is new; the whole text when all of it seems quoted."""
    quoted: str
    """What was left out of it, in order; empty when nothing was."""


_INVISIBLE = re.compile("[\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_LETTERS = str.maketrans("يكۀ", "یکه")
_WROTE = r"(wrote|نوشت(ه( ?است| ?اند)?|ند|ید)?|کتب)"
_ATTRIBUTION = re.compile(
    rf"(?=.*(\d|@))((on|در|فی)\b.{{4,300}}[\s>)،,]{_WROTE}|.{{0,200}}@[^<>()@\s]+[>)].{{0,80}}{_WROTE})\s*:",
    re.IGNORECASE,
)
_BEGUN = re.compile(
    rf"(on|در|فی)\b(?=[^@]{{0,200}}\d)[^@<]{{4,200}}<[^<>()@\s]{{1,64}}@[^<>()@\s]{{1,255}}>\s?{_WROTE}:\s",
    re.IGNORECASE,
)
"""What stands before a quotation that begins on the same line, as programs of telephones write."""
_NAMED = re.compile(
    rf".{{2,80}}\s{_WROTE}:|.{{4,300}}<[^<>()@\s]{{1,64}}@[^<>()@\s]{{1,255}}>:", re.IGNORECASE
)
"""Who wrote what follows, without a date or in another language; it counts only above nothing but
quoted lines."""
_BEGINNING = re.compile(r"(on|در|فی)\b.{4,}", re.IGNORECASE)
_SEPARATOR = re.compile(
    r"[-_=—–\s]{2,}\s*(original message|forwarded message|reply message|پیام اصلی|پیام بازفرستاده"
    r"|پیام ارجاعی|پیام (هدایت|فوروارد|بازارسال|باز ارسال|ارسال|منتقل) ?شده|نامه اصلی)"
    r"\s*[-_=—–\s]{2,}"
    r"|begin forwarded message:|پیام بازفرستاده آغاز می ?شود:|_{5,}",
    re.IGNORECASE,
)
_HEADERS = (
    ("from", "از", "فرستنده"),
    ("sent", "date", "ارسال", "ارسال شد", "ارسال شده", "تاریخ", "تاریخ ارسال", "فرستاده شده"),
    ("to", "به", "گیرنده"),
    ("subject", "موضوع", "عنوان"),
    ("cc", "رونوشت"),
)
_HEADER = re.compile(
    r"\*{0,2}([A-Za-z]{2,7}|[\u0600-\u06ff]{2,8}( [\u0600-\u06ff]{2,8})?)\s*:\*{0,2}(\s.*)?"
)


def fold(text: str) -> Reading:
    """Part the text of a mail into what is said and what is quoted."""
    lines = text.split("\n")
    plain = [_plain(line) for line in lines]
    kept = [True] * len(lines)
    last = max((n for n, line in enumerate(plain) if line and line[0] != ">"), default=-1)
    for number in range(len(lines)):
        if kept[number]:
            for one in range(number, _quoted_until(plain, number, last)):
                kept[one] = False
    said = "\n".join(line for line, keep in zip(lines, kept, strict=True) if keep).strip("\n")
    if not said.strip():
        return Reading(text.strip("\n"), "")
    quoted = (line for line, keep in zip(lines, kept, strict=True) if not keep)
    return Reading(re.sub(r"\n{3,}", "\n\n", said).rstrip(), "\n".join(quoted).strip("\n"))


def _plain(line: str) -> str:
    """The line as it is compared: no invisible marks, one kind of letters and of blanks."""
    shown = _INVISIBLE.sub("", line).translate(_LETTERS).replace("\u200c", " ")
    return " ".join(shown.split())[:600]


def _quoted_until(plain: Sequence[str], start: int, last: int) -> int:
    """The line after the quotation that begins at ``start``; ``start`` when none does. ``last``
    is the last line with words that no mark quotes."""
    if _is_mark(plain, start) or _is_header_block(plain, start) or _leads_in(plain, start):
        return len(plain)
    if plain[start].startswith(">"):
        # A quotation with words below it is answered line by line.
        return _block_end(plain, start) if start > last else start
    if _BEGUN.match(plain[start]):
        return len(plain)
    if start == last and _NAMED.fullmatch(plain[start]):
        return len(plain)
    after = _attribution_end(plain, start)
    if after == start:
        return start
    while after < len(plain) and not plain[after]:
        after += 1
    if after < len(plain) and plain[after].startswith(">"):
        # What stands below a quotation that is marked line by line may be the answer.
        return _block_end(plain, after)
    return len(plain)


def _is_mark(plain: Sequence[str], start: int) -> bool:
    """Whether our mark stands here, however it is set, and in one line or broken into two."""
    letters = _letters_of(plain[start])
    if letters in _PLAIN_MARKS or not letters:
        return letters in _PLAIN_MARKS
    if start + 1 == len(plain) or not any(mark.startswith(letters) for mark in _PLAIN_MARKS):
        return False
    return letters + _letters_of(plain[start + 1]) in _PLAIN_MARKS


def _letters_of(line: str) -> str:
    """The letters alone: programs change the dashes, and set it in bold by stars."""
    return "".join(filter(str.isalpha, line)).casefold() if len(line) <= _LONGEST_MARK else ""


_LONGEST_MARK = 120
_PLAIN_MARKS = frozenset(_letters_of(_plain(mark)) for mark in MARKS.values())


def _leads_in(plain: Sequence[str], start: int) -> bool:
    """Whether a line of separation stands here; a bare rule counts only above headers."""
    if not _SEPARATOR.fullmatch(plain[start]):
        return False
    if not plain[start].strip("_"):
        return any(_is_header_block(plain, one) for one in range(start + 1, start + 3))
    return True


def _is_header_block(plain: Sequence[str], start: int) -> bool:
    """Whether three headers of a mail follow here, the first one telling who wrote it."""
    if start >= len(plain) or _header_kind(plain[start]) != 0:
        return False
    near = {_header_kind(line) for line in plain[start : start + 8]}
    return len(near - {None}) >= 3


def _header_kind(line: str) -> int | None:
    found = _HEADER.fullmatch(line) if ":" in line else None
    if not found:
        return None
    name = found[1].casefold()
    return next((kind for kind, names in enumerate(_HEADERS) if name in names), None)


def _attribution_end(plain: Sequence[str], start: int) -> int:
    """The line after “On ... wrote:”, which programs break into up to three lines."""
    if _is_attribution(plain[start]):
        return start + 1
    if not _BEGINNING.fullmatch(plain[start]) or plain[start].endswith((".", "؟", "?", "!")):
        return start
    for more in (2, 3):
        if _is_attribution(" ".join(plain[start : start + more])):
            return min(start + more, len(plain))
    return start


def _is_attribution(line: str) -> bool:
    """Whether it tells who wrote what follows, with a date or an address, as programs do."""
    return line.endswith(":") and bool(_ATTRIBUTION.fullmatch(line[:500]))


def _block_end(plain: Sequence[str], start: int) -> int:
    """The line after the last one marked with ``>``; empty lines between are taken along."""
    end = one = start
    while one < len(plain) and (plain[one].startswith(">") or not plain[one]):
        one += 1
        if plain[one - 1].startswith(">"):
            end = one
    return end
