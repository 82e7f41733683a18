"""WS-Security: tokens as the profile says, signatures with SHA-256, and no wrapping attack."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID
from lxml import etree

from connectors import soap_signing, soap_wire
from connectors.errors import DeliveryFailed
from connectors.pem import read_pem
from connectors.soap import Soap
from connectors.soap_faults import SoapFaultForNow
from connectors.soap_partner import SoapPartner
from connectors.soap_security import WSSE, WSU, User, add_user, digest, security
from connectors.soap_signatures import C14N, DS, CannotSign, ReplyNotGenuine, find_xmlsec, verify
from connectors.soap_signing import Signer, sign
from tests.connectors.soap_calls import call, options

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
ENV = soap_wire.NAMESPACES["1.1"]
ID = f"{{{WSU}}}Id"


def pair(key: Any) -> Signer:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "partner")])
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name)
        .public_key(key.public_key()).serial_number(x509.random_serial_number())
        .not_valid_before(NOW - timedelta(days=1)).not_valid_after(NOW + timedelta(days=3650))
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    pem, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    private = key.private_bytes(pem, form, serialization.NoEncryption())
    return Signer(private.decode(), made.public_bytes(pem).decode())


OURS = pair(rsa.generate_private_key(65537, 2048))
CURVE = pair(ec.generate_private_key(ec.SECP256R1()))


def envelope(text: str = "صد") -> etree._Element:
    return etree.fromstring(
        f"<s:Envelope xmlns:s='{ENV}'><s:Body><pay xmlns='urn:x'>{text}</pay></s:Body></s:Envelope>"
    )


def signed(text: str = "صد", signer: Signer = OURS) -> etree._Element:
    made = envelope(text)
    sign(made, signer, NOW)
    return again(made)


def again(root: etree._Element) -> etree._Element:
    """As it arrives: read anew from its bytes."""
    return etree.fromstring(soap_wire.written(root))


def body(root: etree._Element) -> etree._Element:
    found = root.find(f"{{{ENV}}}Body")
    assert found is not None
    return found


def find(root: etree._Element, name: str, namespace: str = DS) -> etree._Element:
    found = next(root.iter(f"{{{namespace}}}{name}"), None)
    assert found is not None
    return found


@pytest.mark.parametrize("signer", [OURS, CURVE])
@pytest.mark.parametrize("version", ["1.1", "1.2"])
def test_what_we_sign_is_signed_with_sha_256_and_a_timestamp(signer: Signer, version: str) -> None:
    made = envelope()
    if version == "1.2":
        text = soap_wire.written(made).decode().replace(ENV, soap_wire.NAMESPACES["1.2"])
        made = etree.fromstring(text.encode())
    sign(made, signer, NOW)
    made = again(made)
    verify(made, signer.certificate, NOW)
    assert find(made, "SignatureMethod").get("Algorithm", "").endswith("-sha256")
    assert {one.get("Algorithm") for one in made.iter(f"{{{DS}}}DigestMethod")} == {
        "http://www.w3.org/2001/04/xmlenc#sha256"
    }
    covered = [one.get("URI") for one in made.iter(f"{{{DS}}}Reference")]
    found = soap_wire.body(made)
    assert found is not None
    stamp = find(made, "Timestamp", WSU)
    assert covered == [f"#{found.get(ID)}", f"#{stamp.get(ID)}"]
    assert stamp.findtext(f"{{{WSU}}}Created") == "2026-11-22T09:00:00.000Z"
    assert stamp.findtext(f"{{{WSU}}}Expires") == "2026-11-22T09:05:00.000Z"
    token = find(made, "BinarySecurityToken", WSSE).text or "?"
    assert token in signer.certificate.replace("\n", "")


def test_a_changed_body_and_another_certificate_are_refused() -> None:
    made = signed()
    body(made)[0].text = "هزار"
    with pytest.raises(ReplyNotGenuine, match="wrong"):
        verify(made, OURS.certificate, NOW)
    with pytest.raises(ReplyNotGenuine, match="wrong"):
        verify(signed(signer=CURVE), OURS.certificate, NOW)
    with pytest.raises(ReplyNotGenuine, match="0 signatures"):
        verify(envelope(), OURS.certificate, NOW)


def wrapped_in_header(made: etree._Element) -> None:
    """The signed Body moves into the header, and a new Body takes its place."""
    old = body(made)
    new = deepcopy(old)
    del new.attrib[ID]
    new[0].text = "همهٔ موجودی"
    holder = etree.SubElement(soap_wire.header(made), "{urn:x}Wrapper")
    made.replace(old, new)
    holder.append(old)


def wrapped_with_the_same_id(made: etree._Element) -> None:
    wrapped_in_header(made)
    signed_body = made.find(f".//{{urn:x}}Wrapper/{{{ENV}}}Body")
    assert signed_body is not None
    body(made).set(ID, signed_body.get(ID, ""))


def wrapped_with_another_kind_of_id(made: etree._Element) -> None:
    wrapped_in_header(made)
    signed_body = made.find(f".//{{urn:x}}Wrapper/{{{ENV}}}Body")
    assert signed_body is not None
    body(made).set("Id", signed_body.get(ID, ""))


def wrapped_in_the_body(made: etree._Element) -> None:
    """The signed Body lies within the new one."""
    old = body(made)
    new = etree.Element(f"{{{ENV}}}Body")
    etree.SubElement(new, "{urn:x}pay").text = "همهٔ موجودی"
    made.replace(old, new)
    etree.SubElement(new, "{urn:x}Wrapper").append(old)


def wrapped_in_the_signature(made: etree._Element) -> None:
    """The signed Body hides in an Object of the signature."""
    old = body(made)
    new = deepcopy(old)
    del new.attrib[ID]
    new[0].text = "همهٔ موجودی"
    made.replace(old, new)
    etree.SubElement(find(made, "Signature"), f"{{{DS}}}Object").append(old)


def two_bodies(made: etree._Element) -> None:
    new = deepcopy(body(made))
    del new.attrib[ID]
    made.insert(1, new)


def a_body_before_the_envelope_ends(made: etree._Element) -> None:
    """The signed Body stays a child of the envelope, but under another name."""
    old = body(made)
    new = deepcopy(old)
    new[0].text = "همهٔ موجودی"
    new.set(ID, "other")
    made.insert(1, new)
    old.tag = f"{{{ENV}}}Trailer"


def two_signatures(made: etree._Element) -> None:
    find(made, "Signature").addnext(deepcopy(find(made, "Signature")))


def signature_in_the_body(made: etree._Element) -> None:
    body(made)[0].append(find(made, "Signature"))


def two_security_headers(made: etree._Element) -> None:
    soap_wire.header(made).append(etree.Element(f"{{{WSSE}}}Security"))


def only_the_timestamp(made: etree._Element) -> None:
    """The reference to the Body is taken out."""
    info = find(made, "SignedInfo")
    info.remove(find(made, "Reference"))


def the_timestamp_twice(made: etree._Element) -> None:
    first, second = made.iter(f"{{{DS}}}Reference")
    first.set("URI", second.get("URI", ""))


def empty_reference(made: etree._Element) -> None:
    find(made, "Reference").set("URI", "")


def xpointer_reference(made: etree._Element) -> None:
    find(made, "Reference").set("URI", f"#xpointer(id('{body(made).get(ID)}'))")


def outside_reference(made: etree._Element) -> None:
    find(made, "Reference").set("URI", "file:///etc/passwd")


def fresh_timestamp(made: etree._Element) -> None:
    """A second Timestamp that is not signed."""
    stamp = deepcopy(find(made, "Timestamp", WSU))
    stamp.set(ID, "TS-new")
    find(made, "Timestamp", WSU).addprevious(stamp)


def unsigned_timestamp(made: etree._Element) -> None:
    find(made, "Timestamp", WSU).set(ID, "TS-new")


def algorithm(name: str, value: str) -> Callable[[etree._Element], None]:
    def change(made: etree._Element) -> None:
        find(made, name).set("Algorithm", value)

    change.__name__ = f"{name} {value}"
    return change


def xslt(made: etree._Element) -> None:
    one = etree.SubElement(find(made, "Transforms"), f"{{{DS}}}Transform")
    one.set("Algorithm", "http://www.w3.org/TR/1999/REC-xslt-19991116")


def c14n_twice(made: etree._Element) -> None:
    etree.SubElement(find(made, "Transforms"), f"{{{DS}}}Transform", Algorithm=C14N)


@pytest.mark.parametrize(
    "attack",
    [
        wrapped_in_header, wrapped_with_the_same_id, wrapped_with_another_kind_of_id,
        wrapped_in_the_body, wrapped_in_the_signature, two_bodies, a_body_before_the_envelope_ends,
        two_signatures, signature_in_the_body, two_security_headers, only_the_timestamp,
        the_timestamp_twice, empty_reference, xpointer_reference, outside_reference,
        fresh_timestamp, unsigned_timestamp, xslt, c14n_twice,
        algorithm("SignatureMethod", f"{DS}rsa-sha1"),
        algorithm("SignatureMethod", f"{DS}hmac-sha1"),
        algorithm("SignatureMethod", "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256"),
        algorithm("DigestMethod", f"{DS}sha1"),
        algorithm("DigestMethod", "http://www.w3.org/2001/04/xmldsig-more#md5"),
        algorithm("CanonicalizationMethod", "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"),
        algorithm("Transform", "http://www.w3.org/2000/09/xmldsig#enveloped-signature"),
        algorithm("Transform", "http://www.w3.org/TR/1999/REC-xpath-19991116"),
    ],
    ids=lambda one: one.__name__,
)  # fmt: skip
def test_attacks_on_signatures_are_refused(attack: Callable[[etree._Element], None]) -> None:
    made = signed()
    verify(made, OURS.certificate, NOW)
    attack(made)
    with pytest.raises(ReplyNotGenuine):
        verify(again(made), OURS.certificate, NOW)


def test_ids_of_the_business_may_come_twice() -> None:
    made = envelope()
    for _ in range(2):
        etree.SubElement(body(made)[0], "{urn:x}item").set("id", "7")
    sign(made, OURS, NOW)
    verify(again(made), OURS.certificate, NOW)


def test_an_old_answer_is_refused() -> None:
    made = signed()
    verify(made, OURS.certificate, NOW + timedelta(minutes=4))
    for wrong in (NOW + timedelta(minutes=6), NOW - timedelta(minutes=6), NOW + timedelta(days=1)):
        with pytest.raises(ReplyNotGenuine, match="Timestamp"):
            verify(made, OURS.certificate, wrong)


MESSAGE = soap_wire.message_id("r-1")


def signed_without_timestamp(relates: str | None, *, covers: bool = True) -> etree._Element:
    """An answer without a Timestamp, with a RelatesTo that is signed or not."""
    made = envelope()
    body(made).set(ID, "B-1")
    parts = [body(made)]
    if relates is not None:
        header = etree.SubElement(soap_wire.header(made), f"{{{soap_wire.WSA}}}RelatesTo")
        header.text = relates
        header.set(ID, "R-1")
        parts += [header] if covers else []
    sign_these(made, parts, OURS)
    return again(made)


def sign_these(root: etree._Element, parts: list[etree._Element], signer: Signer) -> None:
    token = soap_signing._token(security(root), signer.certificate)
    method = soap_signing._method_of(signer.key)
    signature = soap_signing._template(security(root), token, parts, method)
    context = find_xmlsec().SignatureContext()
    context.key = soap_signing._private_key(signer.key)
    for one in parts:
        context.register_id(one, "Id", WSU)
    context.sign(signature)


def test_an_answer_that_does_not_tell_that_it_is_new_is_refused() -> None:
    for made in (signed_without_timestamp(None), signed_without_timestamp(MESSAGE, covers=False)):
        with pytest.raises(ReplyNotGenuine, match="new"):
            verify(made, OURS.certificate, NOW, answers=MESSAGE)
        verify(made, OURS.certificate, NOW, answers=MESSAGE, may_be_old=True)


def test_a_signed_relation_to_our_message_tells_that_an_answer_is_new() -> None:
    made = signed_without_timestamp(MESSAGE)
    verify(made, OURS.certificate, NOW, answers=MESSAGE)
    with pytest.raises(ReplyNotGenuine, match="new"):
        verify(made, OURS.certificate, NOW)
    other = soap_wire.message_id("r-2")
    with pytest.raises(ReplyNotGenuine, match="another"):
        verify(made, OURS.certificate, NOW, answers=other, may_be_old=True)


def test_a_signature_over_something_of_the_sender_s_own_is_refused() -> None:
    made = signed_without_timestamp(MESSAGE)
    moved = find(made, "RelatesTo", soap_wire.WSA)
    etree.SubElement(soap_wire.header(made), "{urn:x}Wrapper").append(moved)
    with pytest.raises(ReplyNotGenuine, match="something else"):
        verify(again(made), OURS.certificate, NOW, answers=MESSAGE)


def sign_body_alone(root: etree._Element) -> None:
    found = soap_wire.body(root)
    assert found is not None
    found.set(ID, "B-1")
    sign_these(root, [found], CURVE)


def test_a_channel_may_believe_partners_that_sign_the_body_alone() -> None:
    with SoapPartner(finish=sign_body_alone) as partner:
        given = {"partner_certificate": CURVE.certificate}
        with pytest.raises(ReplyNotGenuine):
            call(partner, "Echo", {"text": "الف"}, **given)
        found = call(partner, "Echo", {"text": "الف"}, **given, old_answers="believed")
        assert found == {"text": ["الف"]}


def test_the_digest_is_that_of_the_profile() -> None:
    made = envelope()
    add_user(made, User("sara", "گذرواژه", "digest"), NOW)
    token = find(made, "UsernameToken", WSSE)
    nonce = b64decode(token.findtext(f"{{{WSSE}}}Nonce") or "")
    password = token.find(f"{{{WSSE}}}Password")
    assert password is not None
    assert password.get("Type", "").endswith("#PasswordDigest")
    assert password.text == digest(nonce, "2026-11-22T09:00:00.000Z", "گذرواژه")
    assert "گذرواژه" not in soap_wire.written(made).decode()
    assert "گذرواژه" not in repr(User("sara", "گذرواژه"))
    # A test vector worked out by hand with openssl.
    assert digest(b"0123456789abcdef", "2026-01-01T00:00:00Z", "secret") == (
        "AHdjPQqhLugJUej2bfmGQqPj3Vo="
    )


def test_unusable_keys_are_told_without_showing_them() -> None:
    for wrong in (Signer("nothing", OURS.certificate), Signer(OURS.key, "nothing")):
        with pytest.raises(CannotSign) as caught:
            sign(envelope(), wrong, NOW)
        assert "PRIVATE" not in str(caught.value)
    assert "PRIVATE" not in repr(OURS)
    with pytest.raises(CannotSign):
        verify(signed(), "nothing", NOW)


def test_pem_that_lost_its_lines_is_mended() -> None:
    for text in (OURS.key, OURS.certificate):
        assert read_pem(text.replace("\n", " ")) == text
        assert read_pem(text.replace("\n", "\r\n")) == text
        assert read_pem(text.replace("\n", "")) == text
    assert read_pem("nothing") == ""


@pytest.mark.parametrize("auth", ["text", "digest"])
def test_a_partner_lets_us_in_by_token_and_no_nonce_comes_twice(auth: str) -> None:
    with SoapPartner(passwords={"sara": "gol-e sorkh"}) as partner:
        given = {"auth": auth, "user": "sara", "password": "gol-e sorkh"}
        for _ in range(3):
            assert call(partner, "Echo", {"text": "الف"}, **given) == {"text": ["الف"]}
        with pytest.raises(SoapFaultForNow) as caught:
            call(partner, "Echo", {}, **{**given, "password": "wrong"})
        assert caught.value.result["code"] == "FailedAuthentication"


SIGNING = {"signing_key": OURS.key, "signing_certificate": OURS.certificate}


def test_calls_are_signed_and_signed_answers_believed() -> None:
    def finish(root: etree._Element) -> None:
        sign(root, CURVE, datetime.now(UTC))

    with SoapPartner(finish=finish) as partner:
        given = {**SIGNING, "partner_certificate": CURVE.certificate, "auth": "digest", "user": "s"}
        assert call(partner, "Echo", {"text": "الف"}, **given) == {"text": ["الف"]}
        verify(partner.envelopes[0], OURS.certificate, datetime.now(UTC))


def sign_and_wrap(root: etree._Element) -> None:
    sign(root, CURVE, datetime.now(UTC))
    wrapped_in_header(root)


@pytest.mark.parametrize(
    "finish",
    [
        None,
        sign_and_wrap,
        lambda root: sign(root, OURS, datetime.now(UTC)),
        lambda root: sign(root, CURVE, datetime.now(UTC) - timedelta(hours=1)),
    ],
)
def test_other_answers_are_not_believed(finish: Any) -> None:
    with SoapPartner(finish=finish) as partner, pytest.raises(DeliveryFailed) as caught:
        call(partner, "Echo", {"text": "الف"}, partner_certificate=CURVE.certificate)
    assert isinstance(caught.value, ReplyNotGenuine)
    assert caught.value.code == "not_genuine"


def test_the_probe_tries_the_key() -> None:
    with SoapPartner() as partner:
        assert "HTTP 200" in Soap().probe(options(partner, **SIGNING))
        broken = options(partner) | {"signing_key": read_pem(OURS.key)[:200],
            "signing_certificate": OURS.certificate}  # fmt: skip
        with pytest.raises(CannotSign):
            Soap().probe(broken)
