"""The beginning of an answer by HTTP, read with few steps where it is a plain one.

The standard library reads headers with its parser of mails, and urllib3 puts them into an object
of its own. Most answers need neither: short lines without tricks, and a body of a stated length
that is not packed. Every other one goes their way.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from http.client import (
    HTTPException,
    HTTPResponse,
    IncompleteRead,
    LineTooLong,
    RemoteDisconnected,
    parse_headers,
)
from io import BufferedReader, BytesIO
from typing import Any

from urllib3 import BaseHTTPResponse
from urllib3 import HTTPResponse as Unpacking

LONGEST_LINE, MOST_LINES = 65536, 100
_LINE = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\r\n\0]*)\r?\n")
_LENGTH = re.compile(r"[0-9]{1,6}")
"""What is longer is read piece by piece, for who promises much may send little."""
_FOLD = re.compile(r"[ \t]*\r?\n[ \t]+")


class _WholeLines(BufferedReader):
    """Reads lines that have an end. The standard library takes a connection that breaks among
    the headers for the end of the headers, and the answer for a whole one."""

    are_headers_read = False

    def readline(self, size: int | None = -1, /) -> bytes:
        line = super().readline(size)
        if not line and self.are_headers_read:
            # An answer in chunks is whole when the last one came (RFC 9112, 8), whatever follows;
            # urllib3 tells when it did not come.
            return line
        if not line.endswith(b"\n") and not 0 < (size or 0) <= len(line):
            raise IncompleteRead(line) if line else RemoteDisconnected
        return line


class Answer(HTTPResponse):
    """An answer whose headers were read by ``begin``."""

    told: Mapping[str, str] | None = None
    """The headers of a plain one, by their names in lower case; those that come several times
    joined by commas. Its body has exactly ``length`` bytes."""

    def __init__(self, sock: Any, method: str) -> None:
        super().__init__(sock, method=method)
        self._asked_by = method
        self.fp = _WholeLines(self.fp.detach())
        self._first: tuple[str, int, str] | None = None

    def begin(self) -> None:
        """Read up to the body."""
        self._first = self._read_status()
        lines = _lines(self.fp)
        told = _plain(lines)
        version, self.status, self.reason = self._first
        if told is not None and version in ("HTTP/1.1", "HTTP/1.0") and self._has_body(told):
            self.told, self.length = told, int(told["content-length"])
            self.chunked, self.will_close = False, True
            return
        body: Any = self.fp
        head = BytesIO(b"".join(lines))
        self.fp = head  # type: ignore[assignment]  # It is only read from.
        try:
            super().begin()
        finally:
            self.fp, body.are_headers_read = body, True

    def _has_body(self, told: Mapping[str, str]) -> bool:
        is_packed = told.get("content-encoding", "") != "" or "transfer-encoding" in told
        has_one = self.status not in (204, 304) and self._asked_by != "HEAD"
        return has_one and not is_packed and bool(_LENGTH.fullmatch(told.get("content-length", "")))

    def _read_status(self) -> tuple[str, int, str]:
        """What is told before the answer (RFC 9110, 15.2) is passed over; the standard library
        passes over 100 alone and takes any other for the answer."""
        while self._first is None:
            found: tuple[str, int, str] = super()._read_status()  # type: ignore[misc]
            if not 100 <= found[1] < 200:
                return found
            parse_headers(self.fp)
        return self._first

    def unpacking(self) -> BaseHTTPResponse:
        """Any other answer, as urllib3 reads its body."""
        return Unpacking(
            body=self,
            headers=_unfolded(self.msg.items()),
            status=self.status,
            version=self.version,
            reason=self.reason,
            preload_content=False,
            decode_content=False,
            original_response=self,
            request_method=self._asked_by,
        )


def _unfolded(found: list[tuple[str, str]]) -> Any:
    return [(name, _FOLD.sub(" ", value)) for name, value in found]


def _lines(source: Any) -> list[bytes]:
    """The lines of the headers with the empty one behind them."""
    lines: list[bytes] = []
    while not lines or lines[-1] not in (b"\r\n", b"\n"):
        lines.append(source.readline(LONGEST_LINE + 1))
        if len(lines[-1]) > LONGEST_LINE:
            raise LineTooLong("header line")
        if len(lines) > MOST_LINES:
            raise HTTPException(f"got more than {MOST_LINES} headers")
    return lines


def _plain(lines: list[bytes]) -> dict[str, str] | None:
    """The headers, if none of their lines is odd."""
    told: dict[str, str] = {}
    for line in lines[:-1]:
        found = _LINE.fullmatch(line)
        if found is None:
            return None
        name, value = found[1].decode().lower(), found[2].decode("iso-8859-1")
        told[name] = f"{told[name]}, {value}" if name in told else value
    return told
