"""Partners that ask in the TLS greeting who we are: a real server that demands a certificate."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from marshmallow import ValidationError

from connectors.contract import Document, Order
from connectors.errors import DeliveryFailed, NotAdmitted, NotConnected
from connectors.http import Http
from connectors.identity import Identity, take_on
from connectors.identity_options import ends_of, shown
from connectors.lying_http import LyingPartner, says_json
from connectors.soap import Soap
from connectors.soap_partner import SoapPartner
from connectors.wsdl import pack, read_bundle
from tests.connectors.authorities import Authority, Pair, locked

AT = datetime(2026, 3, 21, tzinfo=UTC)
LEAST = {"subject": "short", "kind": "billing"}


@pytest.fixture(scope="module")
def theirs() -> Authority:
    """That of the partner."""
    return Authority("Partner")


@pytest.fixture(scope="module")
def ours() -> Authority:
    """The one whose certificates the partner lets in."""
    return Authority("Ours")


@pytest.fixture(scope="module")
def pair(ours: Authority) -> Pair:
    return ours.sign("peygir.test")


@pytest.fixture
def tls(theirs: Authority, ours: Authority, tmp_path: Path) -> ssl.SSLContext:
    return theirs.server(tmp_path, ours)


@pytest.fixture
def partner(tls: ssl.SSLContext) -> Iterator[LyingPartner]:
    with LyingPartner(tls=tls) as running:
        yield running


def options(partner: LyingPartner, theirs: Authority, pair: Pair | None, **more: Any) -> Any:
    known = {"client_certificate": pair.certificate, "client_key": pair.key} if pair else {}
    given = {"base_url": partner.url, "trust": theirs.certificate, "timeout": 20, **known, **more}
    return Http().Options().load({"private_partners": ["127.0.0.0/8"], **given})


def test_a_partner_that_demands_a_certificate_is_called_with_it(
    partner: LyingPartner, theirs: Authority, pair: Pair
) -> None:
    partner.then(says_json({"number": 7}))
    answer = Http().send(Order("d-1", AT, {"body": {}}), options(partner, theirs, pair))
    assert answer.result["body"] == {"number": 7}
    told = Http().probe(options(partner, theirs, pair))
    assert told.startswith("HTTP 200; client_certificate ends on 20")


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize("whose", ["none", "another's"])
def test_without_the_right_one_nobody_is_let_in_and_nothing_was_done(
    tls: ssl.SSLContext, theirs: Authority, version: ssl.TLSVersion, whose: str
) -> None:
    tls.minimum_version = tls.maximum_version = version
    pair = None if whose == "none" else Authority("Strangers").sign("stranger.test")
    with LyingPartner(tls=tls) as partner:
        with pytest.raises(DeliveryFailed) as caught:
            Http().send(Order("d-1", AT, {"body": {}}), options(partner, theirs, pair))
        assert not partner.heard
        # The partner may have hung up before the request went out whole.
        assert isinstance(caught.value, NotAdmitted | NotConnected), str(caught.value)
        assert pair is None or pair.key not in str(caught.value)


def test_soap_calls_bring_it_too(tls: ssl.SSLContext, theirs: Authority, pair: Pair) -> None:
    with SoapPartner(tls=tls) as partner:
        bundle = read_bundle("complaints.wsdl", partner.wsdl)
        document = Document(bundle.digest, bundle.main, pack(bundle))
        known = {"client_certificate": pair.certificate, "client_key": pair.key}
        given = {"private_partners": ["127.0.0.0/8"], "trust": theirs.certificate, **known}
        loaded = {**Soap().Options().load(given), "wsdl": document}
        asked = {"operation": "RegisterComplaint", "values": LEAST}
        answer = Soap().send(Order("d-1", AT, asked), loaded)
        assert answer.result["answer"]["complaint"]["number"] == "P-0001"
        assert "client_certificate ends on" in Soap().probe(loaded)


def wrong(pair: Pair, **changes: str) -> dict[str, Any]:
    given = {"client_certificate": pair.certificate, "client_key": pair.key, **changes}
    with pytest.raises(ValidationError) as caught:
        Http().Options().load({"base_url": "https://example.org", **given})
    found: dict[str, Any] = caught.value.messages_dict
    return found


def test_what_is_wrong_is_told_at_its_field(pair: Pair, ours: Authority) -> None:
    other = ours.sign("other.test")
    for changes, field in (
        ({"client_certificate": "nonsense"}, "client_certificate"),
        ({"client_certificate": ""}, "client_certificate"),
        ({"client_certificate": pair.key}, "client_certificate"),
        ({"client_key": ""}, "client_key"),
        ({"client_key": "nonsense"}, "client_key"),
        ({"client_key": pair.certificate}, "client_key"),
        ({"client_key": locked(pair.key, "rosebud")}, "client_key"),
        ({"client_key": other.key}, "client_key"),
    ):
        found = wrong(pair, **changes)
        assert list(found) == [field], found
        assert set(found[field][0]) == {"en", "fa"}
        assert "BEGIN" not in str(found)


def test_a_chain_behind_our_certificate_and_lost_line_breaks_do_no_harm(
    partner: LyingPartner, theirs: Authority, ours: Authority, pair: Pair
) -> None:
    joined = Pair((pair.certificate + ours.certificate).replace("\n", " "), pair.key)
    assert Http().probe(options(partner, theirs, joined)).startswith("HTTP 200")


def test_its_end_is_told_a_month_before(ours: Authority) -> None:
    now = datetime.now(UTC)
    soon = ours.sign("x", now + timedelta(days=10, hours=1))
    [end] = ends_of({"client_certificate": soon.certificate}, "client_certificate", "other")
    assert shown([end], now).endswith("(in 10 days)")
    assert "(" not in shown([end], now - timedelta(days=60))
    assert "HAS ENDED" in shown([end], now + timedelta(days=11))
    assert shown([]) == ""


def test_no_secret_is_shown_and_a_spoilt_pair_never_asks_at_a_terminal(pair: Pair) -> None:
    identity = Identity(pair.certificate, locked(pair.key, "rosebud"))
    assert "BEGIN" not in repr(identity)
    with pytest.raises(DeliveryFailed, match="cannot be used"):
        take_on(ssl.create_default_context(), identity)
    assert {"client_certificate", "client_key"} <= Http().secret_names() & Soap().secret_names()


def test_a_certificate_of_an_unknown_kind_is_told_at_its_field(pair: Pair) -> None:
    content = ssl.PEM_cert_to_DER_cert(pair.certificate)
    known, strange = bytes.fromhex("06072a8648ce3d0201"), bytes.fromhex("06072a8648ce3d0209")
    assert content.count(known) == 1
    other = ssl.DER_cert_to_PEM_cert(content.replace(known, strange))
    assert list(wrong(pair, client_certificate=other)) == ["client_certificate"]
