"""What a lying SMSC sends in place of PDUs: the connection ends, soon and in one way."""

from __future__ import annotations

import socket
import struct
import threading
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st
from smpplib.client import Client

from connectors.errors import NotConnected
from connectors.smpp import Smpp
from connectors.smpp_wire import LONGEST, Given, Wire, _Client

DELIVER, ANSWER, UNKNOWN = 0x05, 0x80000004, 0x0BAD


def pdu(command: int, body: bytes = b"", length: int | None = None) -> bytes:
    whole = 16 + len(body) if length is None else length
    return struct.pack(">IIII", whole, command, 0, 7) + body


def read_all(sent: bytes) -> list[Given]:
    """What is read of these bytes, after which the SMSC hangs up."""
    ours, theirs = socket.socketpair()
    with closing(ours):
        client = _Client(
            "x", 1, timeout=5, logger_name="smpplib.wire", allow_unknown_opt_params=True
        )
        client._socket = ours
        ours.settimeout(5)
        theirs.sendall(sent)
        theirs.close()
        wire, found = Wire(client), list[Given]()
        with pytest.raises(NotConnected):
            while (one := wire.read(1)) is not None:
                found.append(one)
        return found


@pytest.mark.parametrize("length", [0, 3, 4, 15, LONGEST + 5, 0x7FFFFFFF, 0xFFFFFFFF])
def test_a_length_that_cannot_be_ends_the_connection(
    monkeypatch: pytest.MonkeyPatch, length: int
) -> None:
    asked, read_exactly = list[int](), Client._recv_exact

    def watched(client: Client, size: int) -> bytes:
        asked.append(size)
        found: bytes = read_exactly(client, size)
        return found

    monkeypatch.setattr(Client, "_recv_exact", watched)
    assert read_all(pdu(DELIVER, length=length)) == []
    assert max(asked) <= LONGEST, "that many bytes are not waited for"


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"\0\0",
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html>",
        pdu(UNKNOWN),
        pdu(DELIVER, b"\xff" * 40),
        pdu(DELIVER, length=60),
        pdu(ANSWER, b"\xff" * 70),
    ],
)
def test_what_is_no_pdu_ends_the_connection(sent: bytes) -> None:
    read_all(sent)


@pytest.mark.parametrize("command", [0x15, ANSWER, 0x80000000, 0x80000001])
def test_only_an_answer_to_the_bind_binds(command: int) -> None:
    def answer() -> None:
        connection, _ = listening.accept()
        with connection:
            connection.recv(1000)
            connection.sendall(pdu(command, b"\0" if command == ANSWER else b""))
            connection.recv(1000)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=answer)
        thread.start()
        given = {"host": "127.0.0.1", "port": listening.getsockname()[1], "system_id": "p"}
        given |= {"line": "3000", "private_partners": ["127.0.0.1"]}
        with pytest.raises(NotConnected):
            Smpp().probe(Smpp().Options().load(given))
        thread.join()


@given(st.sampled_from([DELIVER, ANSWER, UNKNOWN, 0x15, 0x06, 0x80000000, 0x103]), st.binary())
def test_whatever_stands_in_a_pdu_it_is_read_or_ends_the_connection(
    command: int, body: bytes
) -> None:
    assert len(read_all(pdu(command, body))) <= 1


@given(st.binary(max_size=300))
def test_any_bytes_end_the_connection(sent: bytes) -> None:
    read_all(sent)
