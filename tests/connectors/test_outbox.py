"""The file outbox keeps each delivery once, whole."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectors import Address, Letter, outbox, sender

NOW = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)


def letter(delivery_id: str, subject: str = "شکایت شما رسید") -> Letter:
    to = (Address("a@x.org", "علی رضایی"),)
    return Letter(delivery_id, Address("us@peygir.example"), to, subject, "سلام\nخط دوم", NOW)


def test_a_letter_is_listed_and_read_back(tmp_path: Path) -> None:
    folder = tmp_path / "outbox"
    accepted = outbox.put(letter("d-1"), folder)
    assert accepted.reference == "<d-1@peygir.example>"
    (entry,) = outbox.entries(folder)
    assert entry.subject == "شکایت شما رسید"
    assert entry.to == (Address("a@x.org", "علی رضایی"),)
    assert entry.written_at == NOW
    read = outbox.read(folder, "d-1")
    assert read is not None
    assert read.entry == entry
    assert read.text == "سلام\nخط دوم\n"
    assert '<html lang="fa" dir="rtl">' in read.html
    assert ("Subject", "شکایت شما رسید") in read.headers


def test_sending_twice_is_one_file(tmp_path: Path) -> None:
    send = sender(None, tmp_path)
    send(letter("d-1"))
    send(letter("d-1"))
    assert [file.name for file in tmp_path.iterdir()] == ["d-1.eml"]


def test_the_newest_letters_come_first_and_no_more_than_asked(tmp_path: Path) -> None:
    for i in range(4):
        outbox.put(letter(f"d-{i}"), tmp_path)
        os.utime(tmp_path / f"d-{i}.eml", (i, i))
    assert [one.delivery_id for one in outbox.entries(tmp_path, limit=2)] == ["d-3", "d-2"]
    assert outbox.entries(tmp_path / "nowhere") == ()


def test_a_crash_before_the_move_leaves_no_letter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: object, **_more: object) -> None:
        raise OSError("the disk is gone")

    monkeypatch.setattr("connectors.outbox.os.replace", crash)
    with pytest.raises(OSError, match="disk"):
        outbox.put(letter("d-1"), tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("bad", ["../d", "a/b", "", ".hidden", "a\n", "x" * 81])
def test_an_id_that_is_no_file_name_is_refused(tmp_path: Path, bad: str) -> None:
    with pytest.raises(ValueError, match="delivery id"):
        outbox.read(tmp_path, bad)


def test_only_the_owner_reads_the_letters(tmp_path: Path) -> None:
    folder = tmp_path / "outbox"
    outbox.put(letter("d-1"), folder)
    assert (folder / "d-1.eml").stat().st_mode & 0o077 == 0
    assert folder.stat().st_mode & 0o077 == 0
