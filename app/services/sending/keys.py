"""The keys under which the secrets of channels lie in the database.

They come from ``PEYGIR_SECRET_KEYS``, from the file that ``PEYGIR_SECRET_KEY_FILE`` names, or
else from a file in the data folder that is made when it is needed first. The newest key
encrypts; all of them decrypt, so that a key can be replaced while everything goes on.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import uuid4

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from app import running
from app.config import new_secret_key, secret_keys, stored_secret
from app.errors import Conflict

FILE = "channel-keys"


class KeysLost(Conflict):
    """The stored secrets cannot be read: put the keys back, or enter the secrets again."""

    fa = "رمزهای ذخیره‌شده خوانده نمی‌شوند: کلیدها را بازگردانید یا رمزها را دوباره وارد کنید."


class KeyFileBad(Conflict):
    """The key file {file} cannot be used: {why}."""

    fa = "فایل کلید {file} به کار نمی‌آید: {why}."


class KeysNotOurs(Conflict):
    """The keys come from the environment, so put new ones in and take old ones out there."""

    fa = "کلیدها از محیط می‌آیند؛ کلید تازه را همان‌جا بگذارید و کلید کهنه را همان‌جا بردارید."


def encrypt(values: Mapping[str, Any]) -> bytes | None:
    """The values under the newest key; None for none."""
    return _ring().encrypt(json.dumps(dict(values)).encode()) if values else None


def decrypt(data: bytes | None) -> dict[str, Any]:
    """The values of :func:`encrypt`; raises KeysLost when no key fits."""
    if data is None:
        return {}
    try:
        values: dict[str, Any] = json.loads(_ring().decrypt(data))
    except InvalidToken:
        raise KeysLost from None
    return values


def encrypt_again(data: bytes) -> bytes:
    """The same values under the newest key; raises KeysLost when no key fits."""
    try:
        return _ring().rotate(data)
    except InvalidToken:
        raise KeysLost from None


def begin_new_key() -> None:
    """Put a new key first into the key file; the older ones stay behind it.

    Raises KeysNotOurs where the keys are those of the environment.
    """
    path = _file()
    _write(path, [new_secret_key(), *_keys_of(path)])


def drop_old_keys() -> int:
    """Leave the newest key alone in the key file; how many were dropped. Raises KeysNotOurs."""
    path = _file()
    first, *others = _keys_of(path)
    _write(path, [first])
    return len(others)


def are_in_environment() -> bool:
    """Whether the environment itself holds the keys."""
    return bool(running.settings().secret_keys)


def _ring() -> MultiFernet:
    """All keys, read again when their file has changed."""
    if running.settings().secret_keys:
        return _made(running.settings().secret_keys)
    return _made(tuple(_keys_of(_file())))


@lru_cache(maxsize=8)
def _made(keys: Sequence[str]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


def _file() -> Path:
    settings = running.settings()
    if settings.secret_keys:
        raise KeysNotOurs
    return settings.secret_key_file or settings.data / FILE


def _keys_of(path: Path) -> tuple[str, ...]:
    if path == running.settings().data / FILE:
        stored_secret(path, new_secret_key)
    try:
        keys = secret_keys(path.read_text(encoding="ascii"))
    except (OSError, ValueError) as error:
        raise KeyFileBad(file=path, why=str(error)) from None
    if not keys:
        raise KeyFileBad(file=path, why="it is empty")
    return keys


def _write(path: Path, keys: Sequence[str]) -> None:
    """Put the whole file in place in one move, readable by its owner only."""
    draft = path.with_name(f".{path.name}.{uuid4().hex}")
    try:
        with open(draft, "x", encoding="ascii", opener=_private) as file:
            file.write("".join(f"{key}\n" for key in keys))
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, path)
    except OSError as error:
        raise KeyFileBad(file=path, why=str(error)) from None
    finally:
        draft.unlink(missing_ok=True)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
