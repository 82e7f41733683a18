"""Signed answers: they are believed only so far as one signature covers exactly the Body that is
read. What we sign ourselves is in :mod:`connectors.soap_signing`.

A signature says "the element with this id is signed". An envelope that hides the signed element
somewhere and puts another body in its place (XML signature wrapping) passes a check that looks at
the signature alone. So the structure is judged first, without any cryptography: ids are unique,
there is exactly one signature, it refers to the very Body in its place, and uses known algorithms
only. Then the signature is verified with the partner's pinned certificate.

Needs the package ``xmlsec``: ``pip install peygir[wssecurity]``.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from lxml import etree

from connectors import soap_wire
from connectors.errors import Permanent
from connectors.soap_security import WSSE, WSU, moment, security

DS = "http://www.w3.org/2000/09/xmldsig#"
C14N = "http://www.w3.org/2001/10/xml-exc-c14n#"
MORE = "http://www.w3.org/2001/04/xmldsig-more#"
SIGNATURES = frozenset(
    {f"{MORE}{name}" for name in ("rsa-sha256", "rsa-sha384", "rsa-sha512")}
    | {f"{MORE}{name}" for name in ("ecdsa-sha256", "ecdsa-sha384", "ecdsa-sha512")}
)
DIGESTS = frozenset(
    {
        "http://www.w3.org/2001/04/xmlenc#sha256",
        f"{MORE}sha384",
        "http://www.w3.org/2001/04/xmlenc#sha512",
    }
)
VALID, SKEW = timedelta(minutes=5), timedelta(minutes=5)
"""How long our messages are good, and how far an answer may be from now: by what clocks differ,
since it has only just been written."""
_IDS = (f"{{{WSU}}}Id", "Id", "ID", "id", "{http://www.w3.org/XML/1998/namespace}id")


class ReplyNotGenuine(Permanent):
    """The answer is not signed as the partner signs."""

    persian = "پاسخ امضای درست طرف مقابل را ندارد."
    default_code = "not_genuine"
    may_have_acted = True


class CannotSign(Permanent):
    """The key or certificate for signatures cannot be used."""

    persian = "کلید یا گواهی امضا به کار نمی‌آید."
    default_code = "signing"
    health = "unknown"


def verify(
    envelope: etree._Element,
    certificate: str,
    now: datetime,
    *,
    answers: str = "",
    may_be_old: bool = False,
) -> None:
    """Judge an answer; raises :class:`ReplyNotGenuine` with the reason.

    Exactly one signature, in the one security header, over exactly this Body and, where there is
    one, this Timestamp, perhaps with headers of WS-Addressing; ids are unique in the whole
    message; algorithms of the lists only; the partner's pinned certificate (PEM) verifies it; the
    Timestamp is of now. Since a true answer of yesterday is signed as well, it must carry a
    Timestamp or a signed RelatesTo that names the message it ``answers``, unless it
    ``may_be_old``.
    """
    body = soap_wire.body(envelope)
    if body is None:
        raise ReplyNotGenuine("no single body")
    ids = _ids(envelope)
    signature = _only_signature(envelope)
    covered = _covered(signature, ids)
    stamp = _timestamp(envelope)
    if stamp is not None and stamp not in covered:
        raise ReplyNotGenuine("the Timestamp is not signed")
    expected = [body] if stamp is None else [body, stamp]
    besides = [one for one in covered if not any(one is known for known in expected)]
    if len(covered) - len(besides) != len(expected) or not _are_addressing(besides, envelope):
        raise ReplyNotGenuine("the signature covers something else than this Body")
    _check_algorithms(signature)
    _verify(signature, covered, certificate)
    relates = _relates(envelope, answers)
    if stamp is not None:
        _check_moment(stamp, now)
    elif not may_be_old and not any(one is relates for one in besides):
        raise ReplyNotGenuine("neither a signed Timestamp nor a signed RelatesTo tells it is new")


def _are_addressing(elements: list[etree._Element], envelope: etree._Element) -> bool:
    """Whether all are headers of WS-Addressing, in their place."""
    header = envelope.find(f"{{{etree.QName(envelope).namespace}}}Header")
    return all(
        one.getparent() is header and etree.QName(one).namespace == soap_wire.WSA
        for one in elements
    )


def _relates(envelope: etree._Element, answers: str) -> etree._Element | None:
    """The header that names the message which is answered; raises for one that names another."""
    found = list(envelope.iter(f"{{{soap_wire.WSA}}}RelatesTo"))
    for one in found:
        is_reply = one.get("RelationshipType") in (None, "", f"{soap_wire.WSA}/reply")
        if answers and is_reply and (one.text or "").strip() != answers:
            raise ReplyNotGenuine("it answers another message")
    return found[0] if answers and len(found) == 1 else None


def find_xmlsec() -> Any:
    """The package xmlsec; raises CannotSign where it is not installed."""
    try:
        import xmlsec
    except ImportError:
        raise CannotSign("the package xmlsec is not installed (peygir[wssecurity])") from None
    return xmlsec


def _ids(envelope: etree._Element) -> dict[str, list[etree._Element]]:
    """The elements that each id may mean, whatever kind of attribute says it. A plain ``id`` may
    be a value of the business and come often; one of the security header may not."""
    found: dict[str, list[etree._Element]] = {}
    for element in envelope.iter("*"):
        for value in {element.get(name) or "" for name in _IDS} - {""}:
            found.setdefault(value, []).append(element)
    own = [element.get(_IDS[0]) for element in envelope.iter("*") if element.get(_IDS[0])]
    if len(set(own)) != len(own):
        raise ReplyNotGenuine("an id stands there twice")
    return found


def _only_signature(envelope: etree._Element) -> etree._Element:
    everywhere = list(envelope.iter(f"{{{DS}}}Signature"))
    header = envelope.find(f"{{{etree.QName(envelope).namespace}}}Header")
    headers = [] if header is None else header.findall(f"{{{WSSE}}}Security")
    if len(everywhere) != 1 or len(headers) != 1 or everywhere[0].getparent() is not headers[0]:
        raise ReplyNotGenuine(f"{len(everywhere)} signatures, and one in the header is expected")
    return everywhere[0]


def _timestamp(envelope: etree._Element) -> etree._Element | None:
    found = list(envelope.iter(f"{{{WSU}}}Timestamp"))
    if len(found) > 1:
        raise ReplyNotGenuine("several Timestamps")
    if found and found[0].getparent() is not security(envelope):
        raise ReplyNotGenuine("the Timestamp is out of its place")
    return found[0] if found else None


def _covered(
    signature: etree._Element, ids: dict[str, list[etree._Element]]
) -> list[etree._Element]:
    """The elements that the references name, each one once."""
    found: list[etree._Element] = []
    for reference in _references(signature):
        uri = reference.get("URI") or ""
        named = ids.get(uri[1:], []) if uri.startswith("#") else []
        if len(named) != 1 or any(named[0] is one for one in found):
            raise ReplyNotGenuine("a reference names no single element of this message")
        found.append(named[0])
    return found


def _references(signature: etree._Element) -> list[etree._Element]:
    infos = signature.findall(f"{{{DS}}}SignedInfo")
    if len(infos) != 1:
        raise ReplyNotGenuine("not one SignedInfo")
    return infos[0].findall(f"{{{DS}}}Reference")


def _check_algorithms(signature: etree._Element) -> None:
    """Only what is on our lists: no SHA-1, no HMAC, no transform that selects or computes."""
    info = signature.find(f"{{{DS}}}SignedInfo")
    if info is None or list(signature.iter(f"{{{DS}}}Object")):
        raise ReplyNotGenuine("a signature with contents of its own")
    allowed = {
        "CanonicalizationMethod": frozenset({C14N}),
        "SignatureMethod": SIGNATURES,
        "DigestMethod": DIGESTS,
        "Transform": frozenset({C14N}),
    }
    for name, algorithms in allowed.items():
        used = [one.get("Algorithm") or "" for one in info.iter(f"{{{DS}}}{name}")]
        if not used or not algorithms.issuperset(used):
            raise ReplyNotGenuine(f"{name}: {', '.join(used)[:100] or 'none'}")
    for reference in _references(signature):
        if len(list(reference.iter(f"{{{DS}}}Transform"))) != 1:
            raise ReplyNotGenuine("several transforms")


def _verify(signature: etree._Element, covered: list[etree._Element], certificate: str) -> None:
    xmlsec = find_xmlsec()
    context = xmlsec.SignatureContext()
    context.key = _public_key(certificate)
    for element in covered:
        for namespace, name in _id_attributes(element):
            context.register_id(element, name, namespace)
    try:
        context.verify(signature)
    except xmlsec.Error:
        raise ReplyNotGenuine("the signature is wrong, or of another certificate") from None


def _id_attributes(element: etree._Element) -> Iterator[tuple[str | None, str]]:
    for name in _IDS:
        if element.get(name):
            qualified = etree.QName(name)
            yield qualified.namespace, qualified.localname


@lru_cache(maxsize=32)
def _public_key(certificate: str) -> Any:
    xmlsec = find_xmlsec()
    try:
        return xmlsec.Key.from_memory(certificate, xmlsec.constants.KeyDataFormatCertPem, None)
    except (xmlsec.Error, ValueError, TypeError):
        raise CannotSign("the partner's certificate is no PEM") from None


def _check_moment(stamp: etree._Element, now: datetime) -> None:
    created = _moment(stamp.findtext(f"{{{WSU}}}Created"))
    expires = _moment(stamp.findtext(f"{{{WSU}}}Expires"))
    if created is None or abs(created - now) > SKEW:
        raise ReplyNotGenuine(f"its Timestamp is not of now ({moment(now)})")
    if expires is not None and expires < now - SKEW:
        raise ReplyNotGenuine("it has expired")


def _moment(text: str | None) -> datetime | None:
    try:
        found = datetime.fromisoformat((text or "").strip())
    except ValueError:
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)
