"""The WS-Security header of a call: who we are, and when it was written (OASIS WSS 1.0, 1.1)."""

from __future__ import annotations

import os
from base64 import b64encode
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha1
from typing import Literal

from lxml import etree

from connectors import soap_wire

_WSS = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-"
WSSE = f"{_WSS}wssecurity-secext-1.0.xsd"
WSU = f"{_WSS}wssecurity-utility-1.0.xsd"
BASE64 = f"{_WSS}soap-message-security-1.0#Base64Binary"
_PASSWORD = f"{_WSS}username-token-profile-1.0#Password"
_NAMES = {"wsse": WSSE, "wsu": WSU}

PasswordType = Literal["text", "digest"]


@dataclass(frozen=True)
class User:
    """Who we are to the partner. Its ``repr`` shows no password."""

    name: str
    password: str = field(repr=False)
    type: PasswordType = "text"


def moment(at: datetime) -> str:
    """A moment as these headers write it, in milliseconds of UTC."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def security(envelope: etree._Element) -> etree._Element:
    """The security header of an envelope; made when there is none."""
    header = soap_wire.header(envelope)
    found = header.find(f"{{{WSSE}}}Security")
    if found is None:
        found = etree.SubElement(header, f"{{{WSSE}}}Security", nsmap=_NAMES)
        one = "1" if soap_wire.version(envelope) == "1.1" else "true"
        found.set(f"{{{etree.QName(envelope).namespace}}}mustUnderstand", one)
    return found


def add_timestamp(envelope: etree._Element, now: datetime, valid: timedelta) -> etree._Element:
    """Say when the message was written and how long it is good."""
    stamp = etree.SubElement(security(envelope), f"{{{WSU}}}Timestamp")
    stamp.set(f"{{{WSU}}}Id", f"TS-{os.urandom(8).hex()}")
    etree.SubElement(stamp, f"{{{WSU}}}Created").text = moment(now)
    etree.SubElement(stamp, f"{{{WSU}}}Expires").text = moment(now + valid)
    return stamp


def add_user(envelope: etree._Element, user: User, now: datetime) -> etree._Element:
    """Add a UsernameToken: with the password as text, or with its digest (UsernameToken Profile,
    3.1: the base64 of SHA-1 over nonce, moment and password). Both carry a fresh nonce."""
    token = etree.SubElement(security(envelope), f"{{{WSSE}}}UsernameToken")
    token.set(f"{{{WSU}}}Id", f"UT-{os.urandom(8).hex()}")
    etree.SubElement(token, f"{{{WSSE}}}Username").text = user.name
    nonce, created = os.urandom(16), moment(now)
    password = etree.SubElement(token, f"{{{WSSE}}}Password")
    password.set("Type", f"{_PASSWORD}{'Digest' if user.type == 'digest' else 'Text'}")
    is_digest = user.type == "digest"
    password.text = digest(nonce, created, user.password) if is_digest else user.password
    told = etree.SubElement(token, f"{{{WSSE}}}Nonce")
    told.set("EncodingType", BASE64)
    told.text = b64encode(nonce).decode()
    etree.SubElement(token, f"{{{WSU}}}Created").text = created
    return token


def digest(nonce: bytes, created: str, password: str) -> str:
    """The digest of a password, which is good only with this nonce and moment."""
    # The standard names SHA-1 here and knows no other.
    found = sha1(nonce + created.encode() + password.encode(), usedforsecurity=False)
    return b64encode(found.digest()).decode()
