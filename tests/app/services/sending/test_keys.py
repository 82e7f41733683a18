"""The secrets of channels at rest: keys from the environment or a file, replaced while it runs."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from app.config import SettingsError, load, new_secret_key, stored_secret
from app.services.sending import keys

VALUES = {"token": "sesame", "words": ["الف", "ب"]}


@pytest.fixture
def at(one_app: Flask, tmp_path: Path) -> Iterator[Flask]:
    """The application with a data folder of the test's own."""
    before = one_app.extensions["peygir.settings"]
    one_app.extensions["peygir.settings"] = replace(before, data=tmp_path)
    with one_app.app_context():
        yield one_app
    one_app.extensions["peygir.settings"] = before


def use(app: Flask, *found: str) -> None:
    settings = app.extensions["peygir.settings"]
    app.extensions["peygir.settings"] = replace(settings, secret_keys=found)


def test_a_key_file_is_made_when_it_is_needed_first(at: Flask, tmp_path: Path) -> None:
    file = tmp_path / keys.FILE
    assert not file.exists()
    assert keys.decrypt(keys.encrypt(VALUES)) == VALUES
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_nothing_is_kept_of_nothing(at: Flask) -> None:
    assert keys.encrypt({}) is None
    assert keys.decrypt(None) == {}


def test_what_is_kept_tells_nothing(at: Flask) -> None:
    kept = keys.encrypt(VALUES) or b""
    assert b"sesame" not in kept
    assert keys.encrypt(VALUES) != kept


def test_a_new_key_takes_over_and_the_old_one_can_go(at: Flask, tmp_path: Path) -> None:
    kept = keys.encrypt(VALUES) or b""
    keys.begin_new_key()
    assert len((tmp_path / keys.FILE).read_text().split()) == 2
    assert keys.decrypt(kept) == VALUES
    again = keys.encrypt_again(kept)
    assert keys.drop_old_keys() == 1
    assert keys.decrypt(again) == VALUES
    with pytest.raises(keys.KeysLost):
        keys.decrypt(kept)
    assert stat.S_IMODE((tmp_path / keys.FILE).stat().st_mode) == 0o600


def test_keys_of_the_environment_come_first_and_are_changed_there(at: Flask) -> None:
    kept = keys.encrypt(VALUES)
    new, old = new_secret_key(), new_secret_key()
    use(at, old)
    with pytest.raises(keys.KeysLost):
        keys.decrypt(kept)
    kept = keys.encrypt(VALUES) or b""
    use(at, new, old)
    assert keys.decrypt(kept) == VALUES
    again = keys.encrypt_again(kept)
    use(at, new)
    assert keys.decrypt(again) == VALUES
    for change in (keys.begin_new_key, keys.drop_old_keys):
        with pytest.raises(keys.KeysNotOurs):
            change()


def test_a_named_file_must_be_there_and_hold_keys(at: Flask, tmp_path: Path) -> None:
    file = tmp_path / "mounted"
    settings = at.extensions["peygir.settings"]
    at.extensions["peygir.settings"] = replace(settings, secret_key_file=file)
    for content in (None, "", "sesame"):
        if content is not None:
            file.write_text(content)
        with pytest.raises(keys.KeyFileBad) as bad:
            keys.encrypt(VALUES)
        assert "sesame" not in str(bad.value)
    file.write_text(f"{new_secret_key()}\n")
    assert keys.decrypt(keys.encrypt(VALUES)) == VALUES


def test_two_processes_make_one_key_file(tmp_path: Path) -> None:
    file = tmp_path / keys.FILE
    assert stored_secret(file, new_secret_key) == stored_secret(file, new_secret_key)


def test_a_bad_key_in_the_environment_is_named_and_not_repeated(tmp_path: Path) -> None:
    env = {"PEYGIR_DATA": str(tmp_path), "PEYGIR_SECRET_KEYS": f"{new_secret_key()} sesame"}
    with pytest.raises(SettingsError) as refused:
        load(env)
    assert "PEYGIR_SECRET_KEYS" in str(refused.value)
    assert "key 2" in str(refused.value)
    assert "sesame" not in str(refused.value)
    both = (new_secret_key(), new_secret_key())
    found = load({**env, "PEYGIR_SECRET_KEYS": ", ".join(both)})
    assert found.secret_keys == both
    assert both[0] not in repr(found)
