"""Reading settings files strictly: every key known, every mistake named with file and key."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any, TypeVar

LARGEST_FILE = 200_000
MOST_TOLD = 50
"""Things that are told of one file at once."""
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


class AllWrong:
    """All that is wrong in one file, for whoever wants to hear it at once."""

    def __init__(self) -> None:
        self.found: list[SettingsRefused] = []

    def add(self, refused: SettingsRefused) -> None:
        """Note it, unless something was told of this key, of what holds it, or of what is in it."""
        if not self.knows(refused.key) and len(self.found) < MOST_TOLD:
            self.found.append(refused)

    def knows(self, key: str) -> bool:
        """Tell whether something was told of the key, of what holds it, or of what is in it."""
        return any(_is_within(one.key, key) or _is_within(key, one.key) for one in self.found)


def _is_within(inner: str, outer: str) -> bool:
    return inner == outer or inner.startswith(f"{outer}.")


class _Cut(Exception):  # It is no error: what is wrong was told before.
    """A value is asked for that could not be read, which was told."""


class _Unread(tuple[Any, ...]):
    """In place of values that could not be read: there are none."""

    __slots__ = ()

    def __getitem__(self, at: object) -> Any:
        raise _Cut


_BLANKS: Mapping[type, Callable[[], Any]] = {
    str: str, dict: dict, list: list, int: int, date: lambda: date(2000, 1, 1),
    object: lambda: None,
}  # fmt: skip
"""What stands for a value that is missing or of another kind, while the rest is read."""
_FOLLOWS = (AttributeError, LookupError, TypeError, ValueError)
"""What may come of a blank that somebody worked with."""


class Table:
    """One table of a file; reading a key ticks it off, and ``finish`` refuses what is left.

    The first thing that is wrong is raised. With ``told`` it is noted there and the rest is read
    on with blanks, so that everything is told at once; see :meth:`whole`.
    """

    def __init__(
        self, values: Mapping[str, Any], file: str, at: str = "", told: AllWrong | None = None
    ) -> None:
        self._values = dict(values)
        self._file = file
        self._at = at
        self._told = told

    def refuse(self, key: str, en: str, fa: str) -> SettingsRefused:
        return SettingsRefused(self._file, self._path(key), en, fa)

    def tell(self, key: str, en: str, fa: str, *, unless: Iterable[str] = ()) -> None:
        """Refuse a key; where all is told, note it and go on. Nothing is noted if one of the keys
        ``unless``, from which it follows, was refused."""
        refused = self.refuse(key, en, fa)
        if self._told is None:
            raise refused
        if not any(self._told.knows(self._path(one)) for one in unless):
            self._told.add(refused)

    def part(self, read: Callable[[Table], _T]) -> _T | None:
        """Read this table as a part that others do not need: None if it was refused and the rest
        is to be told as well."""
        if self._told is None:
            return read(self)
        try:
            return read(self)
        except SettingsRefused as refused:
            self._told.add(refused)
        except (_Cut, *_FOLLOWS):
            if not self._told.found:
                raise
        return None

    def whole(self, read: Callable[[Table], _T]) -> _T:
        """Read all of the file; raises the first of what is wrong, also where all was told."""

        def to_the_end(table: Table) -> _T:
            made = read(table)
            table.finish()
            return made

        if self._told is None:
            return to_the_end(self)
        made = self.part(to_the_end)
        if made is None or self._told.found:
            raise self._told.found[0]
        return made

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
                self.tell(key, "is missing", "نیامده است")
                return self._blank(kind)
            return default
        value = self._values.pop(key)
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not object):
            en, fa = _KINDS[kind]
            self.tell(key, f"must be a {en}, not {value!r:.60}", f"باید {fa} باشد")
            return self._blank(kind)
        return value

    def _blank(self, kind: type[_T]) -> _T:
        blank: _T = _BLANKS[kind]()
        return blank

    def table(self, key: str, *, optional: bool = False) -> Table:
        values = self.take(key, dict, {} if optional else None)
        return Table(values, self._file, self._path(key), self._told)

    def items(self, key: str, most: int) -> list[Table]:
        """Return the tables of a list; a bare value in it stands for a table with ``when``."""
        values = self.take(key, list, [])
        if len(values) > most:
            self.tell(key, f"holds more than {most}", f"بیش از {most} تا دارد")
            return []
        tables = (each if isinstance(each, dict) else {"when": each} for each in values)
        at = self._path(key)
        return [Table(one, self._file, f"{at}.{i}", self._told) for i, one in enumerate(tables, 1)]

    def number(self, key: str, least: int, most: int, default: int | None = None) -> int:
        """Return a whole number between two bounds."""
        value = self.take(key, int, default)
        if not least <= value <= most:
            self.tell(
                key, f"must lie between {least} and {most}", f"باید میان {least} و {most} باشد"
            )
            return least
        return value

    def tables(self, key: str, *, optional: bool = False) -> list[Table]:
        """Return a list of tables (``[[key]]``), each known by its place: ``key.1``."""
        values = self.take(key, list, [] if optional else None)
        if not all(isinstance(value, dict) for value in values):
            self.tell(key, "must be a list of tables", "باید فهرستی از جدول‌ها باشد")
            return []
        at = self._path(key)
        return [Table(one, self._file, f"{at}.{n}", self._told) for n, one in enumerate(values, 1)]

    def texts(self, key: str, *, optional: bool = False) -> tuple[str, ...]:
        """Return a text or a list of texts, always as a tuple."""
        if isinstance(self._values.get(key), str):
            return (self.take(key, str),)
        values = tuple(self.take(key, list, [] if optional else None))
        if not all(isinstance(value, str) for value in values):
            self.tell(key, "must be a list of texts", "باید فهرستی از متن‌ها باشد")
            return ()
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
            self.tell(key, "must not be empty", "نباید خالی باشد")
        if len(text) > LONGEST_WORDS:
            self.tell(
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
            self.tell(
                "key", "must be lower-case letters, digits, _ and -",
                "باید حروف کوچک لاتین، رقم، خط زیر یا خط تیره باشد",
            )  # fmt: skip
        return value

    def read(self, key: str, values: Iterable[_S], parse: Callable[[_S], _T]) -> tuple[_T, ...]:
        """Parse each value; a ``ValueError`` becomes a refusal that names this key."""
        try:
            return tuple(parse(value) for value in values)
        except Wrong as error:
            wrong = str(error), error.fa
        except ValueError as error:
            wrong = str(error), f"نادرست است: {error}"
        self.tell(key, *wrong)
        return _Unread()

    def finish(self) -> None:
        for key in self._values:
            self.tell(key, "is not a known key", "کلید شناخته‌شده‌ای نیست")

    def _path(self, key: str) -> str:
        return f"{self._at}.{key}" if self._at and key else self._at or key


def open_table(source: bytes, file: str, told: AllWrong | None = None) -> Table:
    """Return the file's outermost table, which notes in ``told`` what is wrong; raises
    :class:`SettingsRefused` when it is no TOML."""
    if len(source) > LARGEST_FILE:
        raise SettingsRefused(
            file,
            "",
            f"is larger than {LARGEST_FILE // 1000} kB",
            f"از {LARGEST_FILE // 1000} کیلوبایت بزرگ‌تر است",
        )
    try:
        return Table(tomllib.loads(source.decode("utf-8")), file, told=told)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        message = str(error)[:200]
        raise SettingsRefused(file, "", f"not TOML: {message}", f"TOML نیست: {message}") from None
