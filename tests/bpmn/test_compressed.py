"""What is compressed is read by everybody who reads what zlib compresses."""

from __future__ import annotations

import zlib
from random import Random

import pytest

from bpmn.cold import LEVEL, compressed

SIZES = (0, 1, 700, 4096, 4097, 9000, 16384, 16385, 70_000)


@pytest.mark.parametrize("size", SIZES)
def test_zlib_reads_it_and_it_is_as_small_as_from_zlib_itself(size: int) -> None:
    words = Random(size)
    text = "".join(f'"{words.randrange(500)}": "سنجش", ' for _ in range(size // 10 + 1))
    data = text.encode()[:size]
    made = compressed(data)
    assert zlib.decompress(made) == data
    assert len(made) <= len(zlib.compress(data, LEVEL)) * 1.02 + 8


@pytest.mark.parametrize("size", SIZES)
def test_what_comes_twice_is_found_wherever_it_stands(size: int) -> None:
    data = Random(size).randbytes(size // 2) * 2
    most = 0.55 if 64 < size <= 60_000 else 1.1
    assert len(compressed(data)) <= len(data) * most + 64
