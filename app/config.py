"""Settings, read once from the environment and then frozen.

Every process of Peygir (web, worker, clock, a command) calls :func:`load` at its edge and
hands the result on; nothing below the edge reads the environment.
"""

from __future__ import annotations

import os
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from connectors.networks import read_networks

LANGUAGES = ("fa", "en")
EVERY_INTERFACE = ("0.0.0.0", "::")  # noqa: S104  # Compared with, not bound to.

T = TypeVar("T")


class SettingsError(Exception):
    """A setting cannot be used; the text names the variable, its value and what is expected."""


@dataclass(frozen=True)
class Settings:
    """What the environment says, checked. Sizes are bytes, times of the day are zone-aware."""

    data: Path
    secret_key: str = field(repr=False)
    database_url: str | None = field(default=None, repr=False)
    """SQLAlchemy form, ``postgresql+psycopg://...``; None means the embedded PostgreSQL."""
    smtp_url: str | None = field(default=None, repr=False)
    """``smtp://``, ``smtp+starttls://`` or ``smtps://``; None means the file outbox."""
    mail_from: str = "peygir@localhost"
    host: str = "127.0.0.1"
    port: int = 8000
    public_url: str = "http://127.0.0.1:8000"
    """Where people and partners reach this installation; without a slash at its end."""
    time_zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Asia/Tehran"))
    language: str = "fa"
    organisation: Mapping[str, str] = field(
        default_factory=lambda: {"fa": "سازمان نمونه", "en": "Sample organisation"}
    )
    calendar: str = "iran"
    max_request_bytes: int = 25 * 1024 * 1024
    worker_concurrency: int = 4
    proxies: int = 0
    """How many proxies stand before the web, whose word on the caller's address is taken."""
    web_workers: int = 2
    web_threads: int = 4
    secret_keys: tuple[str, ...] = field(default=(), repr=False)
    """What the secrets of channels are encrypted with, the newest first; else a file has them."""
    secret_key_file: Path | None = None
    """That file; None means one in the data folder, made when it is needed first."""
    keep_mail_days: int = 90
    """How long the raw bytes of mails are kept that joined a request or opened one."""
    keep_dropped_mail_days: int = 30
    """The same of dropped and automatic ones, and of returned letters."""
    private_partners: tuple[str, ...] = ()
    """Private networks with a port that channels may reach, such as ``10.1.0.0/16:8443``."""

    @property
    def listens_everywhere(self) -> bool:
        """Whether the web listens on every network address of this machine."""
        return self.host in EVERY_INTERFACE

    @property
    def outbox(self) -> Path:
        """The folder that takes e-mail as files while no SMTP server is set."""
        return self.data / "outbox"

    @property
    def engine_url(self) -> str:
        """The address of the database; a :class:`SettingsError` while none is known yet."""
        if self.database_url is None:
            raise SettingsError("The database is not started yet: no address is known.")
        return self.database_url

    @property
    def conninfo(self) -> str:
        """The same address as :attr:`engine_url`, in the form that psycopg itself reads."""
        return conninfo(self.engine_url)

    def at_database(self, url: str) -> Settings:
        """The same settings, pointing at the database of this address."""
        return replace(self, database_url=sqlalchemy_url(url))


def load(env: Mapping[str, str] | None = None) -> Settings:
    """Settings from the environment; raises :class:`SettingsError` on the first bad one.

    Creates the data folder, and on first use the secret in it.
    """
    read = _Reader(os.environ if env is None else env)
    data = _prepare(Path(read("PEYGIR_DATA", "var")))
    host, port = read("PEYGIR_HOST", "127.0.0.1"), read.number("PEYGIR_PORT", 8000, 1, 65535)
    return Settings(
        data=data,
        secret_key=read("PEYGIR_SECRET_KEY", "") or stored_secret(data / "secret"),
        database_url=read.parsed("PEYGIR_DATABASE_URL", sqlalchemy_url),
        smtp_url=read.parsed("PEYGIR_SMTP_URL", _smtp_url),
        mail_from=read("PEYGIR_MAIL_FROM", "peygir@localhost"),
        host=host,
        port=port,
        public_url=read.parsed("PEYGIR_PUBLIC_URL", _public_url) or _origin(host, port),
        time_zone=read.parsed("PEYGIR_TIME_ZONE", _zone) or ZoneInfo("Asia/Tehran"),
        language=read.parsed("PEYGIR_LANGUAGE", _language) or "fa",
        organisation={
            "fa": read("PEYGIR_ORGANISATION_FA", "سازمان نمونه"),
            "en": read("PEYGIR_ORGANISATION_EN", "Sample organisation"),
        },
        calendar=read("PEYGIR_CALENDAR", "iran"),
        max_request_bytes=read.number("PEYGIR_MAX_REQUEST_MB", 25, 1, 1000) * 1024 * 1024,
        worker_concurrency=read.number("PEYGIR_WORKER_CONCURRENCY", 4, 1, 64),
        proxies=read.number("PEYGIR_PROXIES", 0, 0, 10),
        web_workers=read.number("PEYGIR_WEB_WORKERS", 2, 1, 64),
        web_threads=read.number("PEYGIR_WEB_THREADS", 4, 1, 64),
        secret_keys=read.parsed("PEYGIR_SECRET_KEYS", secret_keys) or (),
        secret_key_file=read.parsed("PEYGIR_SECRET_KEY_FILE", Path),
        keep_mail_days=read.number("PEYGIR_KEEP_MAIL_DAYS", 90, 1, 36_500),
        keep_dropped_mail_days=read.number("PEYGIR_KEEP_DROPPED_MAIL_DAYS", 30, 1, 36_500),
        private_partners=read.parsed("PEYGIR_PRIVATE_PARTNERS", _networks) or (),
    )


def embedded_folder(env: Mapping[str, str] | None = None) -> Path | None:
    """The data folder in which the embedded database lies or would be made, looked up only; None
    where another database is set."""
    read = _Reader(os.environ if env is None else env)
    return None if read("PEYGIR_DATABASE_URL", "") else Path(read("PEYGIR_DATA", "var"))


def load_working_hours(env: Mapping[str, str] | None = None) -> tuple[str, ZoneInfo]:
    """The organisation's calendar and time zone alone, for commands that need no data folder."""
    read = _Reader(os.environ if env is None else env)
    zone = read.parsed("PEYGIR_TIME_ZONE", _zone) or ZoneInfo("Asia/Tehran")
    return read("PEYGIR_CALENDAR", "iran"), zone


class _Reader:
    """Reads one variable at a time and names it when its value cannot be used."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._env = env

    def __call__(self, name: str, default: str) -> str:
        return self._env.get(name, "").strip() or default

    def number(self, name: str, default: int, least: int, most: int) -> int:
        text = self(name, str(default))
        if not (text.isdecimal() and least <= int(text) <= most):
            raise SettingsError(
                f"{name} is {text!r}; it must be a whole number from {least} to {most}."
            )
        return int(text)

    def parsed(self, name: str, parse: Callable[[str], T]) -> T | None:
        text = self(name, "")
        try:
            return parse(text) if text else None
        except ValueError as error:
            raise SettingsError(f"{name} cannot be used: {error}") from error


def sqlalchemy_url(text: str) -> str:
    """The address as SQLAlchemy wants it, with the psycopg 3 driver."""
    try:
        url = make_url(text.replace("postgres://", "postgresql://", 1))
    except (ArgumentError, ValueError) as error:
        # The address may carry a password, so it is not repeated in the message.
        raise ValueError("it is not a database address") from error
    if url.get_backend_name() != "postgresql":
        raise ValueError(f"Peygir needs PostgreSQL, not {url.get_backend_name()}")
    return _text(url.set(drivername="postgresql+psycopg"))


def conninfo(url: str) -> str:
    """The address of :func:`sqlalchemy_url` as libpq and its tools want it."""
    return _text(make_url(url).set(drivername="postgresql"))


def secret_keys(text: str) -> tuple[str, ...]:
    """The keys of a text, apart by blanks, commas or lines; raises ``ValueError`` for one that is
    none, without repeating it."""
    found = tuple(text.replace(",", " ").split())
    for number, key in enumerate(found, start=1):
        if not _is_key(key):
            told = "is not 32 bytes in URL-safe Base64; `peygir channel new-key` prints one"
            raise ValueError(f"key {number} {told}")
    return found


def _is_key(text: str) -> bool:
    try:
        return len(urlsafe_b64decode(text)) == 32
    except ValueError:
        return False


def new_secret_key() -> str:
    """A new key for the secrets of channels."""
    return urlsafe_b64encode(secrets.token_bytes(32)).decode("ascii")


def _new_secret() -> str:
    return secrets.token_urlsafe(48)


def stored_secret(path: Path, make: Callable[[], str] = _new_secret) -> str:
    """The secret kept in this file, made on first use and readable by its owner only.

    Several processes may ask at once: a hard link appears whole or not at all, so all of
    them read the same secret.
    """
    if not path.exists():
        draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
        draft.touch(mode=0o600)
        draft.write_text(make(), encoding="ascii")
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text(encoding="ascii").strip()


def _text(url: URL) -> str:
    return url.render_as_string(hide_password=False)


def _prepare(data: Path) -> Path:
    try:
        if not data.is_dir():
            data.mkdir(parents=True)
            # Others may pass, as the embedded database's own account must, but not look around.
            data.chmod(0o711)
    except OSError as error:
        raise SettingsError(f"PEYGIR_DATA: the folder {data} cannot be made: {error}") from error
    return data.resolve()


def _origin(host: str, port: int) -> str:
    shown = "127.0.0.1" if host in EVERY_INTERFACE else host
    return f"http://[{shown}]:{port}" if ":" in shown else f"http://{shown}:{port}"


def _public_url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"{text!r} must look like https://service.example.org")
    return text.rstrip("/")


def _smtp_url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("smtp", "smtp+starttls", "smtps") or not parts.hostname:
        raise ValueError("it must look like smtp://user:password@host:587")
    return text


def _networks(text: str) -> tuple[str, ...]:
    read_networks(text)
    return tuple(text.replace(",", " ").split())


def _zone(text: str) -> ZoneInfo:
    try:
        return ZoneInfo(text)
    except (KeyError, OSError) as error:
        raise ValueError(f"{text!r} is not a time zone such as Asia/Tehran") from error


def _language(text: str) -> str:
    if text not in LANGUAGES:
        raise ValueError(f"{text!r} is not one of {', '.join(LANGUAGES)}")
    return text
