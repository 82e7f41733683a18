"""The catalogue's files, read strictly: what is not understood is refused, never passed over."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TypeVar

import sla
from app.services.casework.catalogue_model import (
    Audience,
    Category,
    Names,
    PlannedTask,
    Price,
    Service,
)
from sla.strict import Table, open_table

KINDS = frozenset({"complaint", "incident", "request", "visit", "dispute"})
OTHER = "other"
LONGEST_NAME, LONGEST_TEXT = 120, 2_000
MOST_TASKS, MOST_TIERS = 20, 20
LARGEST_AMOUNT = 10**15

_KEY = re.compile(r"[a-z][a-z0-9_-]{0,63}")
_ICON = re.compile(r"i-[a-z]{1,30}")
_CURRENCY = re.compile(r"[A-Z]{3}")
_T = TypeVar("_T", Service, Category)
_TIER = "tier:"


def read_services(paths: Iterable[Path]) -> Mapping[str, Service]:
    """The services of these files by key; raises ``sla.SettingsRefused``, which names the file,
    the key and what is wrong in both languages."""
    return _read(paths, load_service)


def read_categories(paths: Iterable[Path]) -> Mapping[str, Category]:
    """The headings of these files by key, in their order; raises ``sla.SettingsRefused``."""
    found = _read(paths, load_category)
    return {one.key: one for one in sorted(found.values(), key=lambda one: (one.order, one.key))}


def _read(paths: Iterable[Path], load: Callable[[bytes, str], _T]) -> Mapping[str, _T]:
    return {one.key: one for one in (load(p.read_bytes(), p.name) for p in sorted(paths))}


def load_service(source: bytes, file: str) -> Service:
    """Read one service; raises ``sla.SettingsRefused``."""
    top = open_table(source, file)
    text, key = partial(_text, top), partial(_key, top)
    service = Service(
        key=_own_key(top, file), kind=_one_of(top, "kind", KINDS),
        names=text("names", LONGEST_NAME), descriptions=text("descriptions"),
        promise=text("promise"), icon=_shaped(top, "icon", _ICON, "i-flag", "i-flag"),
        process=key("process"), form=key("form"), policy=key("policy"),
        keywords=text("keywords") if top.peek("keywords") is not None else {},
        category=key("category", OTHER), audience=_audience(top), price=_price(top),
        approval=key("approval", "none"), plan=_plan(top), expected=_expected(top),
    )  # fmt: skip
    top.finish()
    return service


def load_category(source: bytes, file: str) -> Category:
    """Read one heading; raises ``sla.SettingsRefused``."""
    top = open_table(source, file)
    category = Category(
        _own_key(top, file), top.number("order", 0, 1_000), _text(top, "names", LONGEST_NAME)
    )
    top.finish()
    return category


def _own_key(top: Table, file: str) -> str:
    """The key, which is the file's name as well, so that a service is found where it is sought."""
    key = top.key()
    stem = Path(file).stem
    if key != stem:
        raise top.refuse("key", f"must be the file's name, {stem}", f"باید نام فایل باشد، {stem}")
    return key


def _key(table: Table, name: str, default: str | None = None) -> str:
    return _shaped(table, name, _KEY, "service-request", default)


def _shaped(
    table: Table, name: str, shape: re.Pattern[str], such: str, default: str | None = None
) -> str:
    value = table.take(name, str, default)
    if not shape.fullmatch(value):
        raise table.refuse(
            name, f"{value[:60]!r} is not written like {such}",
            f"{value[:60]!r} مانند {such} نوشته نشده است",
        )  # fmt: skip
    return value


def _one_of(table: Table, name: str, known: Iterable[str]) -> str:
    value, told = table.take(name, str), ", ".join(sorted(known))
    if value not in known:
        raise table.refuse(name, f"must be one of {told}", f"باید یکی از این‌ها باشد: {told}")
    return value


def _text(table: Table, name: str, most: int = LONGEST_TEXT) -> Names:
    """A text in Persian and English, neither empty nor endless."""
    found = table.names(name)
    for language, value in found.items():
        where = f"{name}.{language}"
        if not value.strip():
            raise table.refuse(where, "is empty", "خالی است")
        if len(value) > most:
            raise table.refuse(where, f"is longer than {most}", f"از {most} نویسه بلندتر است")
    return found


def _audience(top: Table) -> Audience:
    if top.peek("audience") is None:
        return Audience()
    told = top.texts("audience")
    if not told:
        raise top.refuse("audience", "names nobody", "کسی را نام نمی‌برد")
    tiers = {one.removeprefix(_TIER) for one in told if one.startswith(_TIER)}
    plain = {one for one in told if not one.startswith(_TIER)}
    unknown = plain - {"everyone", "staff", "contract"} | {
        _TIER + one for one in tiers if not _KEY.fullmatch(one)
    }
    if unknown or len(tiers) > MOST_TIERS:
        wrong = ", ".join(sorted(unknown))[:80]
        such = "everyone, staff, contract, tier:gold"
        raise top.refuse("audience", f"{wrong} is none of {such}", f"{wrong} از {such} نیست")
    return Audience("everyone" in plain, "staff" in plain, "contract" in plain, frozenset(tiers))


def _price(top: Table) -> Price | None:
    if top.peek("price") is None:
        return None
    table = top.table("price")
    unit = _text(table, "unit", LONGEST_NAME) if table.peek("unit") is not None else None
    price = Price(
        table.number("amount", 0, LARGEST_AMOUNT),
        _shaped(table, "currency", _CURRENCY, "IRR"), unit,
    )  # fmt: skip
    table.finish()
    return price


def _plan(top: Table) -> tuple[PlannedTask, ...]:
    tables = top.tables("plan", optional=True)
    if len(tables) > MOST_TASKS:
        raise top.refuse(
            "plan", f"has more than {MOST_TASKS} tasks", f"بیش از {MOST_TASKS} کار دارد"
        )
    plan = tuple(map(_task, tables))
    keys = [task.key for task in plan]
    for table, key in zip(tables, keys, strict=True):
        if keys.count(key) > 1:
            raise table.refuse("key", f"{key} is taken", f"{key} پیش‌تر به کار رفته است")
    return plan


def _task(table: Table) -> PlannedTask:
    promised = table.take("sla", str)
    task = PlannedTask(
        table.key(), _key(table, "group"), _text(table, "names", LONGEST_NAME),
        _text(table, "undo", LONGEST_NAME),
        table.read("sla", [promised], sla.parse_duration)[0],
    )  # fmt: skip
    table.finish()
    return task


def _expected(top: Table) -> timedelta | None:
    if top.peek("expected") is None:
        return None
    return top.read("expected", [top.take("expected", str)], sla.parse_duration)[0]
