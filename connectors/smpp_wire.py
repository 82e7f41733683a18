"""The PDUs of SMPP 3.4 over one connection, by smpplib.

Of smpplib's client only the writing and reading of PDUs is used: its listening ends at the first
throttling reply, its lengths are unbounded, it looks at no address before it connects, and its log
tells passwords.
"""

from __future__ import annotations

import logging
import select
import socket
import ssl
import struct
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from smpplib import consts, exceptions, smpp
from smpplib.client import Client

from connectors.errors import DeliveryFailed, NotAdmitted, NotConnected, Permanent, Transient
from connectors.json_values import storable
from connectors.networks import Network, find_addresses
from connectors.smpp_parts import Piece, Place, checked_place, is_receipt, take_apart
from connectors.sms_errors import BadLine, BadNumber, BadText, NoCredit, NotNow, Throttled

logging.getLogger("smpplib").setLevel(logging.ERROR)
_LOG = "smpplib.wire"
LONGEST = 64 * 1024
"""Bytes of the longest PDU that is read; larger ones end the connection."""
BROKEN = (
    OSError, exceptions.ConnectionError, exceptions.PDUError, exceptions.UnknownCommandError,
    struct.error, ValueError, IndexError, KeyError, TypeError, AttributeError, OverflowError,
)  # fmt: skip
"""What smpplib raises when a connection breaks or a PDU is not one."""
THROTTLED = frozenset({consts.SMPP_ESME_RTHROTTLED, consts.SMPP_ESME_RMSGQFUL})
_FAILURES: Mapping[int, type[DeliveryFailed]] = {
    consts.SMPP_ESME_RTHROTTLED: Throttled,
    consts.SMPP_ESME_RMSGQFUL: Throttled,
    consts.SMPP_ESME_RINVMSGLEN: BadText,
    consts.SMPP_ESME_RINVSRCADR: BadLine,
    consts.SMPP_ESME_RINVDSTADR: BadNumber,
    consts.SMPP_ESME_RSYSERR: Transient,
    consts.SMPP_ESME_RSUBMITFAIL: NotNow,
    consts.SMPP_ESME_RINVBNDSTS: Transient,
    0x400: NoCredit,
}
_MODES = {
    "transceiver": "bind_transceiver",
    "transmitter": "bind_transmitter",
    "receiver": "bind_receiver",
}


@dataclass(frozen=True)
class Given:
    """What came from the other side: an answer to a PDU of ours, or one of theirs."""

    command: str
    status: int
    sequence: int
    id: str = ""
    """The message's id, of ``submit_sm_resp``."""


@dataclass(frozen=True)
class Delivered(Given):
    """A ``deliver_sm``: a person's message, or a receipt."""

    sender: str = ""
    recipient: str = ""
    content: bytes = b""
    """Without its header."""
    coding: int = 0
    place: Place | None = None
    receipt: bool = False
    receipted_id: str = ""
    message_state: int | None = None


class Wire:
    """One bound connection. Not for several threads at once."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def send(self, command: str, sequence: int | None = None, **fields: Any) -> int:
        """Send a PDU; its sequence number. Raises NotConnected when the connection is gone."""
        try:
            pdu = smpp.make_pdu(command, client=self._client, **fields)
            if sequence is not None:
                pdu.sequence = sequence
            self._client.send_pdu(pdu)
        except BROKEN as error:
            raise NotConnected(type(error).__name__) from None
        return int(pdu.sequence)

    def submit(self, piece: Piece, source: Mapping[str, Any], to: str) -> int:
        """Send one message or part of one, with a receipt wanted; its sequence number."""
        return self.send(
            "submit_sm", **source, dest_addr_ton=consts.SMPP_TON_INTL,
            dest_addr_npi=consts.SMPP_NPI_ISDN, destination_addr=to.removeprefix("+"),
            esm_class=piece.esm_class, data_coding=piece.coding, short_message=piece.content,
            registered_delivery=1,
        )  # fmt: skip

    def read(self, seconds: float) -> Given | None:
        """The next PDU; None when none begins within so many seconds. Raises NotConnected."""
        try:
            if not _ready(self._client._socket, seconds):
                return None
            return _given(self._client.read_pdu())
        except BROKEN as error:
            raise NotConnected(type(error).__name__) from None

    def close(self) -> None:
        """End the connection, whatever state it is in."""
        with suppress(*BROKEN):
            self._client._socket.close()
        self._client._socket = None


def _ready(connected: socket.socket, seconds: float) -> bool:
    if isinstance(connected, ssl.SSLSocket) and connected.pending():
        return True
    readable, _, _ = select.select([connected], [], [], max(seconds, 0))
    return bool(readable)


class _Client(Client):  # type: ignore[misc]  # smpplib carries no types.
    """smpplib's, over a socket that was opened elsewhere, and with a bound on what is read."""

    def _recv_exact(self, exact_size: int) -> bytes:
        if not 0 <= exact_size <= LONGEST:
            raise exceptions.PDUError(f"a PDU of {exact_size} bytes")
        found: bytes = super()._recv_exact(exact_size)
        return found


def open_wire(options: Mapping[str, Any], allowed: Sequence[Network], timeout: float = 10) -> Wire:
    """Connect and bind; raises NotConnected, NotAdmitted, or AddressRefused."""
    client = _Client(
        options["host"], options["port"], timeout=timeout, logger_name=_LOG,
        allow_unknown_opt_params=True,
    )  # fmt: skip
    wire = Wire(client)
    try:
        client._socket = _connected(options, allowed, timeout)
        client.state = consts.SMPP_CLIENT_STATE_OPEN
        _bind(client, options)
    except BROKEN as error:
        wire.close()
        raise NotConnected(f"{type(error).__name__} at {options['host']}") from None
    except DeliveryFailed:
        wire.close()
        raise
    return wire


def _bind(client: Client, options: Mapping[str, Any]) -> None:
    pdu = smpp.make_pdu(
        _MODES[options["mode"]], client=client, system_id=options["system_id"],
        password=options["password"], system_type=options["system_type"],
    )  # fmt: skip
    client.send_pdu(pdu)
    answer = client.read_pdu()
    if answer.is_error():
        raise NotAdmitted(f"bind: {words(answer.status)}", code=f"smpp_{answer.status}")
    if answer.command != f"{_MODES[options['mode']]}_resp":
        raise NotConnected(f"bind: {answer.command} is no answer to it")


def _connected(
    options: Mapping[str, Any], allowed: Sequence[Network], timeout: float
) -> socket.socket:
    host, port = options["host"], options["port"]
    for address in find_addresses(host, port, allowed, timeout):
        with suppress(OSError):
            plain = socket.create_connection((str(address), port), timeout)
            return _encrypted(plain, host) if options["tls"] else plain
    raise NotConnected(f"{host}:{port}")


def _encrypted(plain: socket.socket, host: str) -> socket.socket:
    try:
        return ssl.create_default_context().wrap_socket(plain, server_hostname=host)
    except ssl.SSLError as error:
        plain.close()
        raise NotAdmitted(f"TLS: {error.reason}", code="tls") from None


def failure(status: int) -> DeliveryFailed:
    """What a refusal by its status means."""
    family = _FAILURES.get(status, Permanent)
    is_plain = family in (Permanent, Transient, NotNow)
    return family(words(status), code=f"smpp_{status}" if is_plain else None)


def words(status: int) -> str:
    """The status in the words of the specification."""
    return f"{status} {consts.DESCRIPTIONS.get(status, 'unknown status')}"


def _given(pdu: Any) -> Given:
    head: dict[str, Any] = {
        "command": str(pdu.command),
        "status": int(pdu.status),
        "sequence": int(pdu.sequence),
    }
    if pdu.command == "deliver_sm":
        return _delivered(pdu, head)
    return Given(**head, id=_text(getattr(pdu, "message_id", None)))


def _delivered(pdu: Any, head: dict[str, Any]) -> Delivered:
    esm_class = pdu.esm_class or 0
    content = pdu.short_message or getattr(pdu, "message_payload", None) or b""
    place, rest = take_apart(content, esm_class)
    return Delivered(
        **head,
        sender=_text(pdu.source_addr),
        recipient=_text(pdu.destination_addr),
        content=rest,
        coding=pdu.data_coding or 0,
        place=place or _sar(pdu),
        receipt=is_receipt(esm_class),
        receipted_id=_text(getattr(pdu, "receipted_message_id", None)),
        message_state=getattr(pdu, "message_state", None),
    )


def _sar(pdu: Any) -> Place | None:
    """The place of a part as optional parameters tell it."""
    names = ("sar_msg_ref_num", "sar_total_segments", "sar_segment_seqnum")
    reference, total, number = (getattr(pdu, name, None) for name in names)
    if reference is None or total is None or number is None:
        return None
    return checked_place(reference, total, number) if total > 1 else None


def _text(value: bytes | None) -> str:
    return storable((value or b"").decode("latin-1").strip("\0 ")[:100])
