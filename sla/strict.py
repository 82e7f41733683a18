"""Reading settings files strictly: every key known, every mistake named with file and key."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any, TypeVar

LARGEST_FILE = 200_000
LONGEST_WORDS = 500
"""Characters of a text that people read."""
_KEY = re.compile(r"[a-z][a-z0-9_-]{0,63}")
_T = TypeVar("_T")
_S = TypeVar("_S")
_KINDS: Mapping[type, tuple[str, str]] = {
    str: ("text", "متن"),
    dict: ("table", "جدول"),
    list: ("list", "فهرست"),
    date: ("date", "تاریخ"),
    int: ("whole number", "عدد صحیح"),
}


class SettingsRefused(ValueError):  # It says what happened to the file.
    """A calendar or a policy file that cannot be used."""

    def __init__(self, file: str, key: str, en: str, fa: str) -> None:
        self.file = file
        self.key = key
        """Where in the file, dotted: ``week.saturday``; empty for the file as a whole."""
        self.messages: Mapping[str, str] = {"en": en, "fa": fa}
        super().__init__(f"{file}: {key}: {en}" if key else f"{file}: {en}")


class Wrong(ValueError):  # It says what is wrong with a value, before anybody knows where.
    """What is wrong with one value, in both languages; a reader adds file and key."""

    def __init__(self, en: str, fa: str) -> None:
        self.fa = fa
        super().__init__(en)


class Table:
    """One table of a file; reading a key ticks it off, and ``finish`` refuses what is left."""

    def __init__(self, values: Mapping[str, Any], file: str, at: str = "") -> None:
        self._values = dict(values)
        self._file = file
        self._at = at

    def refuse(self, key: str, en: str, fa: str) -> SettingsRefused:
        return SettingsRefused(self._file, self._path(key), en, fa)

    def unread(self) -> list[str]:
        """Return the keys that have not been read yet."""
        return list(self._values)

    def peek(self, key: str) -> object:
        """Return the value of a key, if any, without reading it."""
        return self._values.get(key)

    def take_any(self, key: str) -> object:
        """Return the value of a key, whatever its kind; required."""
        return self.take(key, object)

    def take(self, key: str, kind: type[_T], default: _T | None = None) -> _T:
        """Return the value of a key, which must have the kind; required without a default."""
        if key not in self._values:
            if default is None:
                raise self.refuse(key, "is missing", "نیامده است")
            return default
        value = self._values.pop(key)
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not object):
            en, fa = _KINDS[kind]
            raise self.refuse(key, f"must be a {en}, not {value!r:.60}", f"باید {fa} باشد")
        return value

    def table(self, key: str, *, optional: bool = False) -> Table:
        return Table(self.take(key, dict, {} if optional else None), self._file, self._path(key))

    def items(self, key: str, most: int) -> list[Table]:
        """Return the tables of a list; a bare value in it stands for a table with ``when``."""
        values = self.take(key, list, [])
        if len(values) > most:
            raise self.refuse(key, f"holds more than {most}", f"بیش از {most} تا دارد")
        tables = (each if isinstance(each, dict) else {"when": each} for each in values)
        at = self._path(key)
        return [Table(each, self._file, f"{at}.{i}") for i, each in enumerate(tables, 1)]

    def number(self, key: str, least: int, most: int, default: int | None = None) -> int:
        """Return a whole number between two bounds."""
        value = self.take(key, int, default)
        if not least <= value <= most:
            raise self.refuse(
                key, f"must lie between {least} and {most}", f"باید میان {least} و {most} باشد"
            )
        return value

    def tables(self, key: str, *, optional: bool = False) -> list[Table]:
        """Return a list of tables (``[[key]]``), each known by its place: ``key.1``."""
        values = self.take(key, list, [] if optional else None)
        if not all(isinstance(value, dict) for value in values):
            raise self.refuse(key, "must be a list of tables", "باید فهرستی از جدول‌ها باشد")
        where = self._path(key)
        return [Table(each, self._file, f"{where}.{n}") for n, each in enumerate(values, 1)]

    def texts(self, key: str, *, optional: bool = False) -> tuple[str, ...]:
        """Return a text or a list of texts, always as a tuple."""
        if isinstance(self._values.get(key), str):
            return (self.take(key, str),)
        values = tuple(self.take(key, list, [] if optional else None))
        if not all(isinstance(value, str) for value in values):
            raise self.refuse(key, "must be a list of texts", "باید فهرستی از متن‌ها باشد")
        return values

    def names(self, key: str) -> Mapping[str, str]:
        """Return a text in Persian and English, both required."""
        inner = self.table(key)
        found = {language: inner.words(language) for language in ("fa", "en")}
        inner.finish()
        return found

    def words(self, key: str) -> str:
        """Return a text that people read: not empty, and not endless."""
        text = self.take(key, str)
        if not text.strip():
            raise self.refuse(key, "must not be empty", "نباید خالی باشد")
        if len(text) > LONGEST_WORDS:
            raise self.refuse(
                key,
                f"is longer than {LONGEST_WORDS} characters",
                f"از {LONGEST_WORDS} نویسه بلندتر است",
            )
        return text

    def optional_names(self, key: str) -> Mapping[str, str] | None:
        """Return a text in Persian and English, or None when it is left out."""
        return self.names(key) if key in self._values else None

    def key(self) -> str:
        """Return the key by which the file's content is called."""
        value = self.take("key", str)
        if not _KEY.fullmatch(value):
            raise self.refuse(
                "key", "must be lower-case letters, digits, _ and -",
                "باید حروف کوچک لاتین، رقم، خط زیر یا خط تیره باشد",
            )  # fmt: skip
        return value

    def read(self, key: str, values: Iterable[_S], parse: Callable[[_S], _T]) -> tuple[_T, ...]:
        """Parse each value; a ``ValueError`` becomes a refusal that names this key."""
        try:
            return tuple(parse(value) for value in values)
        except Wrong as error:
            raise self.refuse(key, str(error), error.fa) from None
        except ValueError as error:
            raise self.refuse(key, str(error), f"نادرست است: {error}") from None

    def finish(self) -> None:
        for key in self._values:
            raise self.refuse(key, "is not a known key", "کلید شناخته‌شده‌ای نیست")

    def _path(self, key: str) -> str:
        return f"{self._at}.{key}" if self._at and key else self._at or key


def open_table(source: bytes, file: str) -> Table:
    """Return the file's outermost table; raises :class:`SettingsRefused` when it is no TOML."""
    if len(source) > LARGEST_FILE:
        raise SettingsRefused(
            file,
            "",
            f"is larger than {LARGEST_FILE // 1000} kB",
            f"از {LARGEST_FILE // 1000} کیلوبایت بزرگ‌تر است",
        )
    try:
        return Table(tomllib.loads(source.decode("utf-8")), file)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        message = str(error)[:200]
        raise SettingsRefused(file, "", f"not TOML: {message}", f"TOML نیست: {message}") from None
