"""A plain answer by HTTP is read with few steps, and says what the usual way says."""

from __future__ import annotations

import socket
from unittest.mock import patch

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from connectors import answers, transport
from connectors.errors import DeliveryFailed
from connectors.guarded import Limits, Watch
from connectors.transport import Reply

MOST = 40


def read(raw: bytes, method: str = "POST") -> tuple[str, object, bool]:
    """What comes of an answer: its kind, the reply, and whether it was read in the short way."""
    ours, theirs = socket.socketpair()
    with ours:
        with theirs:
            theirs.sendall(raw)
        found = answers.Answer(ours, method)
        watch = Watch((), Limits(most=MOST))
        try:
            found.begin()
            if found.told is None:
                return "read", transport._read(found.unpacking(), watch), False
            return "read", transport._read_plain(found, found.told, watch), True
        except (*transport._BROKEN, DeliveryFailed) as error:
            return "failed", isinstance(error, DeliveryFailed), found.told is not None
        finally:
            found.close()


def both(raw: bytes, method: str = "POST") -> tuple[str, object, bool]:
    """What comes of it, which is the same in the usual way."""
    short = read(raw, method)
    with patch("connectors.answers._plain", return_value=None):
        usual = read(raw, method)
    assert usual[2] is False
    kind, reply, _ = usual
    if isinstance(reply, Reply) and isinstance(short[1], Reply) and reply.cut:
        # Of an answer that was cut, the usual way may have let go of what it had read.
        assert short[1].cut and short[1].body.startswith(reply.body)
        assert (short[1].status, short[1].headers) == (reply.status, reply.headers)
    else:
        assert short[:2] == (kind, reply)
    return short


def test_a_plain_answer_is_read_in_the_short_way() -> None:
    kind, reply, is_short = both(
        b"HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nSet-Cookie: a=1\r\n"
        b"set-cookie: b=\xe9  \r\nX-Empty:\r\nContent-Length: 5\r\n\r\nhello and more"
    )
    assert (kind, is_short) == ("read", True)
    told = {"content-type": "text/plain; charset=utf-8", "set-cookie": "a=1, b=é  "}
    assert reply == Reply(200, {**told, "x-empty": "", "content-length": "5"}, b"hello")


@pytest.mark.parametrize(
    "raw",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Encoding: gzip\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5, 5\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nContent-Length: +5\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n folded: 1\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nX: a\rb\r\nContent-Length: 5\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nno colon\r\nContent-Length: 5\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nContent-Length : 5\r\n\r\nhello",
        b"HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\nhello",
        b"HTTP/2 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\nhello",
    ],
)
def test_any_other_answer_goes_the_usual_way(raw: bytes) -> None:
    assert not both(raw)[2]


def test_too_much_and_too_little_are_told_apart_from_a_whole_answer() -> None:
    many = b"\r\nContent-Length: 50\r\n\r\n" + b"x" * 50
    assert both(b"HTTP/1.1 200 OK" + many) == ("failed", True, True)
    [_, reply, _] = both(b"HTTP/1.1 500 Oh" + many)
    assert isinstance(reply, Reply)
    assert (reply.status, reply.cut, reply.body) == (500, True, b"x" * MOST)
    few = b"\r\nContent-Length: 30\r\n\r\nhello"
    assert both(b"HTTP/1.1 200 OK" + few) == ("failed", False, True)
    [_, reply, _] = both(b"HTTP/1.1 500 Oh" + few)
    assert isinstance(reply, Reply)
    assert (reply.cut, reply.body) == (True, b"hello")


def test_an_answer_in_chunks_is_whole_when_the_last_one_came() -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"
    told = {"transfer-encoding": "chunked"}
    for end in (b"0\r\n\r\n", b"0\r\nX: 1\r\n", b"0\r\n"):
        assert both(head + end) == ("read", Reply(200, told, b"hello"), False)
    for end in (b"", b"0", b"5\r\nhe", b"-5\r\nhello\r\n0\r\n\r\n"):
        assert both(head + end) == ("failed", False, False)


def test_what_is_told_before_is_passed_over() -> None:
    early = b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n"
    kind, reply, is_short = both(early + b"HTTP/1.0 201 Made\r\nContent-Length: 0\r\n\r\n")
    assert (kind, reply, is_short) == ("read", Reply(201, {"content-length": "0"}, b""), True)


PIECES = st.sampled_from(
    [b"HTTP/1.1 200 OK\r\n", b"HTTP/1.0 500 Oh\r\n", b"Content-Length: 5\r\n", b"\r\n", b"\n",
     b"Content-Length: 7\r\n", b"X: y", b": ", b"\r", b"\0", b" ", b"hello", b"\xff", b"a\tb",
     b"Transfer-Encoding: chunked\r\n", b"5\r\nhello\r\n0\r\n\r\n", b"Connection: close\r\n",
     b"Content-Encoding: identity\r\n", b"Location: /x\r\n", b"HTTP/1.1 100 Continue\r\n\r\n"]
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES, max_size=9), st.sampled_from(["POST", "HEAD"]))
@example([b"Content-Length: 5\r\n", b"\r\n", b"hello"], "HEAD")
def test_whatever_comes_means_the_same_in_both_ways(pieces: list[bytes], method: str) -> None:
    both(b"HTTP/1.1 200 OK\r\n" + b"".join(pieces), method)
