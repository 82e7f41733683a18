"""A list of customers or addresses as a CSV file: read line by line, with what is wrong in each."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from app.access import Actor, parties_seen_by
from app.db import session
from app.models import Party
from app.services.casework.customers import LONGEST_NAME, normalise_email
from app.services.sending.no_contact import KIND_OF
from app.services.texts import choose, tidy
from connectors.phones import DIGITS, read_phone

LARGEST = 5 * 1024 * 1024
MOST_LINES = 50_000
MOST_COLUMNS = 20
LONGEST_VALUE = 500
OWN = ("customer", "email", "phone", "name", "language")
"""The columns that say who somebody is; texts may show all others as ``row.<column>``."""


@dataclass(frozen=True)
class Wrong:
    """What is wrong in one line."""

    line: int
    """1 is the line with the names of the columns; 0 is the file itself."""
    code: str
    value: str = ""


@dataclass(frozen=True)
class Listed:
    """What a file holds."""

    rows: Sequence[Mapping[str, Any]]
    """``customer``, ``address``, ``name``, ``language`` and ``facts``, as far as they are told."""
    columns: Sequence[str]
    """Those that are not our own."""
    wrong: Sequence[Wrong]


def read(content: bytes, medium: str, actor: Actor) -> Listed:
    """The lines of a file, and what is wrong with those that cannot be used."""
    try:
        whole = _decoded(content)
        reader = csv.reader(io.StringIO(whole, newline=""), _dialect(whole), strict=True)
        lines = [(reader.line_num, line) for line in _bounded(reader) if any(map(str.strip, line))]
    except _Unreadable as error:
        return Listed((), (), [Wrong(0, str(error))])
    except csv.Error:
        return Listed((), (), [Wrong(0, "not_csv")])
    if not lines:
        return Listed((), (), [Wrong(0, "empty")])
    head, wrong = _head(lines[0][1], medium)
    return Listed((), (), wrong) if wrong else _read_lines(head, lines[1:], medium, actor)


class _Unreadable(Exception):
    """The file as a whole cannot be used; the text is the code."""


def _decoded(content: bytes) -> str:
    if len(content) > LARGEST:
        raise _Unreadable("too_large")
    try:
        found = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _Unreadable("not_utf8") from None
    if "\0" in found:
        raise _Unreadable("not_csv")
    return found


class _Dialect(csv.excel):
    """Excel's way of writing, with the mark between columns that its language uses."""


def _dialect(whole: str) -> type[csv.Dialect]:
    first = whole.lstrip().partition("\n")[0]
    mark = max(",;\t", key=first.count)
    return type("_Marked", (_Dialect,), {"delimiter": mark})


def _bounded(reader: Iterator[list[str]]) -> Iterator[list[str]]:
    for number, line in enumerate(reader):
        if number > MOST_LINES:
            raise _Unreadable("too_many")
        yield line


def _head(line: Sequence[str], medium: str) -> tuple[list[str], list[Wrong]]:
    names = ["_".join(one.strip().casefold().split()) for one in line]
    wrong = [Wrong(1, "column", one[:40]) for one in names if not one.isidentifier()]
    wrong += [Wrong(1, "column_twice", one) for one in {*names} if names.count(one) > 1]
    if len(names) > MOST_COLUMNS:
        wrong.append(Wrong(1, "columns"))
    if not {"customer", KIND_OF[medium]} & set(names):
        wrong.append(Wrong(1, "no_column", KIND_OF[medium]))
    return names, wrong


def _read_lines(
    head: Sequence[str], lines: Sequence[tuple[int, Sequence[str]]], medium: str, actor: Actor
) -> Listed:
    columns = [one for one in head if one not in OWN]
    rows: list[tuple[int, dict[str, Any]]] = []
    wrong: list[Wrong] = []
    for number, line in lines:
        if len(line) != len(head):
            wrong.append(Wrong(number, "count", str(len(line))))
            continue
        cells = {name: tidy(cell) for name, cell in zip(head, line, strict=True)}
        row, code = _row(cells, columns, medium)
        if code:
            wrong.append(Wrong(number, code, (cells.get(code) or "")[:60]))
        else:
            rows.append((number, row))
    known = _seen(actor, {row["customer"] for _, row in rows if row.get("customer")})
    for number, row in rows:
        if row.get("customer") and row["customer"] not in known:
            wrong.append(Wrong(number, "no_customer", str(row["customer"])))
    good = [row for _, row in rows if not row.get("customer") or row["customer"] in known]
    if not rows and not wrong:
        wrong.append(Wrong(0, "empty"))
    return Listed(good, columns, sorted(wrong, key=lambda one: one.line))


def _row(
    cells: Mapping[str, str], columns: Sequence[str], medium: str
) -> tuple[dict[str, Any], str]:
    """A line as it is kept, and the code of what is wrong with it, which names its column."""
    kind = KIND_OF[medium]
    number, address = _number(cells.get("customer", "")), _address(cells.get(kind, ""), kind)
    language, name = cells.get("language", "").casefold(), cells.get("name", "")
    checks = {
        "customer": number is _BAD,
        kind: address is _BAD or (number is None and address is None),
        "language": language not in ("", "fa", "en"),
        "name": len(name) > LONGEST_NAME,
        "long": any(len(cells[one]) > LONGEST_VALUE for one in columns),
    }
    facts = {one: cells[one] for one in columns}
    row: dict[str, Any] = {"name": name, "facts": facts, "language": language or None}
    row |= {"customer": number, "address": address}
    return row, next((code for code, is_wrong in checks.items() if is_wrong), "")


_BAD: Any = object()


def _number(typed: str) -> int | None:
    plain = typed.translate(DIGITS)
    if not plain:
        return None
    number: int = int(plain) if plain.isdecimal() and len(plain) < 19 else _BAD
    return number


def _address(typed: str, kind: str) -> str | None:
    return (_READERS[kind](typed) or _BAD) if typed else None


_READERS: Mapping[str, Callable[[str], str | None]] = {
    "email": normalise_email,
    "phone": read_phone,
}


def _seen(actor: Actor, party_ids: set[int]) -> set[int]:
    """Those of the customers that the actor may see."""
    if not party_ids:
        return set()
    query = select(Party.id).where(Party.id.in_(party_ids), parties_seen_by(actor))
    return set(session().scalars(query))


def explain(wrong: Wrong, language: str) -> str:
    """The sentence about one line."""
    told = choose(_WORDS[wrong.code], language).replace("{value}", f"\u2068{wrong.value}\u2069")
    if not wrong.line:
        return told
    return choose(("سطر {}: ", "Line {}: "), language).format(wrong.line) + told


_WORDS = {
    "too_large": ("حجم فایل از ۵ مگابایت بیشتر است.", "The file is larger than 5 MB."),
    "too_many": ("فایل بیش از ۵۰٬۰۰۰ سطر دارد.", "The file has more than 50,000 lines."),
    "not_utf8": (
        "متن فایل UTF-8 نیست؛ در اکسل آن را با گزینهٔ «CSV UTF-8» ذخیره کنید.",
        "The file is not written in UTF-8; in Excel save it as “CSV UTF-8”.",
    ),
    "not_csv": ("این فایل CSV نیست.", "This is no CSV file."),
    "empty": ("در فایل سطری نیست.", "There is no line in the file."),
    "column": ("«{value}» نام ستون نیست.", "“{value}” is no name of a column."),
    "column_twice": ("ستون «{value}» دو بار آمده است.", "The column “{value}” stands there twice."),
    "columns": ("بیش از ۲۰ ستون دارد.", "It has more than 20 columns."),
    "no_column": (
        "ستون «customer» یا «{value}» در آن نیست.",
        "It has no column “customer” or “{value}”.",
    ),
    "count": (
        "شمار خانه‌ها ({value}) با سطر نخست نمی‌خواند.",
        "It has {value} cells, not as many as the first line.",
    ),
    "customer": ("«{value}» شمارهٔ مشتری نیست.", "“{value}” is no number of a customer."),
    "no_customer": ("مشتری {value} پیدا نشد.", "There is no customer {value}."),
    "email": ("«{value}» نشانی ایمیل نیست.", "“{value}” is no e-mail address."),
    "phone": ("«{value}» شمارهٔ تلفن نیست.", "“{value}” is no telephone number."),
    "language": ("زبان «{value}» شناخته نیست: fa یا en.", "“{value}” is no language: fa or en."),
    "name": ("نام بیش از ۲۰۰ نویسه دارد.", "The name has more than 200 characters."),
    "long": ("یکی از خانه‌ها بیش از ۵۰۰ نویسه دارد.", "A cell has more than 500 characters."),
}
