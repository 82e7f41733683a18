"""What we sign: an envelope over its Body and a Timestamp, by the WSS X.509 Token Profile.

Needs the package ``xmlsec``: ``pip install peygir[wssecurity]``.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from lxml import etree

from connectors import soap_wire
from connectors.soap_security import BASE64, WSSE, WSU, add_timestamp, security
from connectors.soap_signatures import C14N, DS, MORE, VALID, CannotSign, find_xmlsec

_X509 = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-x509-token-profile-1.0#X509v3"


@dataclass(frozen=True)
class Signer:
    """With what we sign. Its ``repr`` shows no key."""

    key: str = field(repr=False)
    """The private key in PEM, not encrypted."""
    certificate: str = field(repr=False)
    """Its certificate in PEM."""


def sign(envelope: etree._Element, signer: Signer, now: datetime) -> None:
    """Add a Timestamp and a signature over it and the Body: RSA or ECDSA with SHA-256, exclusive
    canonicalisation, the certificate as a BinarySecurityToken (WSS X.509 Token Profile)."""
    xmlsec = find_xmlsec()
    body = soap_wire.body(envelope)
    if body is None:
        raise CannotSign("no body")
    stamp = add_timestamp(envelope, now, VALID)
    body.set(f"{{{WSU}}}Id", f"B-{os.urandom(8).hex()}")
    token = _token(security(envelope), signer.certificate)
    key = _private_key(signer.key)
    signature = _template(security(envelope), token, [body, stamp], _method_of(signer.key))
    context = xmlsec.SignatureContext()
    context.key = key
    for one in (body, stamp):
        context.register_id(one, "Id", WSU)
    try:
        context.sign(signature)
    except xmlsec.Error:
        raise CannotSign("xmlsec refused") from None


def _token(parent: etree._Element, certificate: str) -> etree._Element:
    token = etree.SubElement(parent, f"{{{WSSE}}}BinarySecurityToken")
    token.set("EncodingType", BASE64)
    token.set("ValueType", _X509)
    token.set(f"{{{WSU}}}Id", f"X509-{os.urandom(8).hex()}")
    token.text = _base64_of(certificate)
    return token


def _base64_of(certificate: str) -> str:
    """What stands between the lines of PEM."""
    lines = [one.strip() for one in certificate.strip().splitlines()]
    inner = [one for one in lines if one and not one.startswith("-----")]
    if not inner or "-----BEGIN CERTIFICATE-----" not in lines:
        raise CannotSign("the certificate is no PEM")
    return "".join(inner)


def _template(
    parent: etree._Element, token: etree._Element, parts: list[etree._Element], method: str
) -> etree._Element:
    signature = etree.SubElement(parent, f"{{{DS}}}Signature", nsmap={"ds": DS})
    info = etree.SubElement(signature, f"{{{DS}}}SignedInfo")
    etree.SubElement(info, f"{{{DS}}}CanonicalizationMethod", Algorithm=C14N)
    etree.SubElement(info, f"{{{DS}}}SignatureMethod", Algorithm=method)
    for part in parts:
        reference = etree.SubElement(info, f"{{{DS}}}Reference")
        reference.set("URI", f"#{part.get(f'{{{WSU}}}Id')}")
        transforms = etree.SubElement(reference, f"{{{DS}}}Transforms")
        etree.SubElement(transforms, f"{{{DS}}}Transform", Algorithm=C14N)
        sha256 = "http://www.w3.org/2001/04/xmlenc#sha256"
        etree.SubElement(reference, f"{{{DS}}}DigestMethod", Algorithm=sha256)
        etree.SubElement(reference, f"{{{DS}}}DigestValue")
    etree.SubElement(signature, f"{{{DS}}}SignatureValue")
    info = etree.SubElement(signature, f"{{{DS}}}KeyInfo")
    place = etree.SubElement(info, f"{{{WSSE}}}SecurityTokenReference")
    found = etree.SubElement(place, f"{{{WSSE}}}Reference", ValueType=_X509)
    found.set("URI", f"#{token.get(f'{{{WSU}}}Id')}")
    return signature


def _private_key(pem: str) -> Any:
    xmlsec = find_xmlsec()
    try:
        return xmlsec.Key.from_memory(pem, xmlsec.constants.KeyDataFormatPem, None)
    except (xmlsec.Error, ValueError, TypeError):
        raise CannotSign("the private key is no PEM without a password") from None


def _method_of(pem: str) -> str:
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(pem.encode(), None)
    except (ValueError, TypeError):
        raise CannotSign("the private key is no PEM without a password") from None
    is_curve = isinstance(key, ec.EllipticCurvePrivateKey)
    return f"{MORE}ecdsa-sha256" if is_curve else f"{MORE}rsa-sha256"
