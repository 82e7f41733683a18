"""Files are known by their content; a crafted archive is none of ours, and no crash."""

from __future__ import annotations

import io
import zipfile

import pytest

from app.services.casework.attachments import fitting, sniff


def word() -> bytearray:
    """The smallest archive that counts as a Word file."""
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as archive:
        archive.writestr("word/document.xml", "x")
    return bytearray(kept.getvalue())


def with_directory(at: int, *values: int) -> bytes:
    """The archive with bytes of its directory entry replaced."""
    content = word()
    start = content.find(b"PK\x01\x02") + at
    content[start : start + len(values)] = bytes(values)
    return bytes(content)


def test_a_word_file_is_taken() -> None:
    assert str(sniff(bytes(word()))).endswith("wordprocessingml.document")


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(with_directory(6, 99), id="a version of the future"),
        pytest.param(bytes(word()[:-30]), id="cut short"),
        pytest.param(b"PK\x03\x04" + b"\xff" * 200, id="nonsense"),
    ],
)
def test_a_crafted_archive_is_refused(content: bytes) -> None:
    assert sniff(content) is None


def test_a_name_that_is_no_utf8_is_refused() -> None:
    content = word()
    start = content.find(b"PK\x01\x02")
    content[start + 9] |= 8
    content[start + 46] = 0xFF
    assert sniff(bytes(content)) is None


@pytest.mark.parametrize(
    ("name", "media_type", "kept"),
    [
        ("invoice.hta", "text/plain", "invoice.hta.txt"),
        ("run.PDF.bat", "text/plain", "run.PDF.bat.txt"),
        ("notes.CSV", "text/plain", "notes.CSV"),
        ("x.pdf", "text/plain", "x.pdf.txt"),
        ("photo.JPG", "image/jpeg", "photo.JPG"),
        ("photo", "image/png", "photo.png"),
        ("عکس.exe", "image/webp", "عکس.exe.webp"),
        ("n" * 150, "application/pdf", "n" * 146 + ".pdf"),
    ],
)
def test_a_name_ends_as_its_kind_does(name: str, media_type: str, kept: str) -> None:
    assert fitting(name, media_type) == kept
