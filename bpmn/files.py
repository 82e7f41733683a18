"""Files that someone names on the command line, which may be anything that has a name."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

from bpmn.xml import MAX_BYTES

MOST = MAX_BYTES + 1
"""Bytes that are read of a file: one more than is accepted, so that it is seen to be too large."""


class NotRegular(OSError):
    """This is a pipe, a device, a socket or a folder, and no file that ends."""

    def __init__(self, path: Path) -> None:
        super().__init__(errno.EINVAL, "it is not a regular file", str(path))


def read_file(path: Path, most: int = MOST) -> bytes:
    """The first bytes of a regular file; raises ``NotRegular``, else ``OSError``."""
    _check(os.stat(path), path)
    # Not blocking, since a pipe may have taken the file's place in between.
    opened = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    with open(opened, "rb") as file:
        _check(os.fstat(opened), path)
        return file.read(most)


def _check(facts: os.stat_result, path: Path) -> None:
    if not stat.S_ISREG(facts.st_mode):
        raise NotRegular(path)
