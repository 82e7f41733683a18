"""A WSDL is fetched once, with what lies at its own host, through the guarded way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest

from connectors import soap_client, wsdl_fetching
from connectors.guarded import Limits
from connectors.lying_http import Act, Heard, LyingPartner, drips, redirects, says, says_html
from connectors.networks import read_networks
from connectors.transport import Request
from connectors.wsdl import Bundle, pack, unpack
from connectors.wsdl_fetching import fetch_bundle
from connectors.wsdl_words import BadWsdl
from tests.connectors.test_wsdl_bundle import INNER, MORE, SPLIT
from tests.connectors.wsdls import TEXT

LIKE = Request("GET", "", allowed=read_networks("127.0.0.0/8"), limits=Limits(2, 2, 5))
FILES: Mapping[str, str] = {
    "/svc?wsdl": SPLIT.replace("types/more.xsd", "svc?xsd=xsd0"),
    "/svc?xsd=xsd0": MORE.replace("../types/inner.xsd", "http://127.0.0.1/svc?xsd=xsd1"),
    "/svc?xsd=xsd1": INNER,
}


@pytest.fixture
def partner() -> Iterator[LyingPartner]:
    with LyingPartner() as found:
        yield found


def serves(partner: LyingPartner, files: Mapping[str, str | Act]) -> str:
    def answer(heard: Heard) -> Act:
        found = files.get(heard.target)
        if found is None:
            return says_html(404)
        return says(found, content_type="text/xml") if isinstance(found, str) else found

    partner.answer = answer
    return f"{partner.url}/svc?wsdl"


def refusal(url: str) -> BadWsdl:
    with pytest.raises(BadWsdl) as caught:
        soap_client.load(fetch_bundle(url, LIKE))
    assert "{" not in caught.value.text("fa")
    return caught.value


def test_the_wsdl_and_its_imports_become_a_bundle(partner: LyingPartner) -> None:
    found = fetch_bundle(serves(partner, FILES), LIKE)
    assert set(found.files) == {"svc?wsdl", "svc?xsd=xsd0", "svc?xsd=xsd1"}
    assert found.main == "svc?wsdl"
    assert soap_client.load(found).calls["Echo"]
    # From then on nothing is fetched.
    partner.heard.clear()
    assert soap_client.load(unpack(pack(found))).calls["Echo"]
    assert not partner.heard


def test_what_lies_elsewhere_is_not_fetched(partner: LyingPartner) -> None:
    with LyingPartner() as other:
        for location, rule in (
            (other.url.replace("127.0.0.1", "127.0.0.2") + "/x.xsd", "outside"),
            ("http://169.254.169.254/latest", "outside"),
            ("file:///etc/passwd", "local"),
        ):
            text = SPLIT.replace("types/more.xsd", location)
            found = refusal(serves(partner, {"/svc?wsdl": text}))
            assert (found.rule, found.file) == (rule, "svc?wsdl")
        assert not other.connections


@pytest.mark.parametrize(
    ("act", "told"),
    [
        (says_html(200), "web page"),
        (says_html(500), "HTTP 500"),
        (redirects("http://169.254.169.254/"), "HTTP 302, moved to http://169.254.169.254/"),
        (says("<a/>", content_type="text/xml"), "None of the files is a WSDL"),
        (says("<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"), "DOCTYPE"),
        (says(b" " * 11_000_000, content_type="text/xml"), "larger"),
    ],
)
def test_what_is_no_wsdl_is_told(partner: LyingPartner, act: Act, told: str) -> None:
    assert told in refusal(serves(partner, {"/svc?wsdl": act})).text("en")


def test_a_missing_import_and_private_addresses_are_told(partner: LyingPartner) -> None:
    url = serves(partner, {"/svc?wsdl": SPLIT})
    found = refusal(url)
    assert (found.rule, found.details["why"]) == ("not-fetched", "HTTP 404")
    with pytest.raises(BadWsdl, match="network that calls may not go to"):
        fetch_bundle(url, Request("GET", ""))
    with pytest.raises(BadWsdl, match="could not be fetched"):
        fetch_bundle("gopher://x/?wsdl", LIKE)


def test_imports_without_end_and_slow_ones_are_bounded(
    partner: LyingPartner, monkeypatch: pytest.MonkeyPatch
) -> None:
    def answer(heard: Heard) -> Act:
        if heard.target == "/svc?wsdl":
            return says(SPLIT.replace("types/more.xsd", "next?n=1"), content_type="text/xml")
        number = int(heard.query["n"])
        text = MORE.replace("../types/inner.xsd", f"next?n={number + 1}")
        return says(text, content_type="text/xml")

    partner.answer = answer
    monkeypatch.setattr(wsdl_fetching, "FILES", 5)
    assert refusal(f"{partner.url}/svc?wsdl").rule == "many-files"
    assert len(partner.heard) == 5
    partner.answer = lambda _: drips(0.02)
    monkeypatch.setattr(wsdl_fetching, "SECONDS", 1)
    assert refusal(f"{partner.url}/svc?wsdl").rule == "not-fetched"


def test_a_key_in_the_address_is_not_repeated(partner: LyingPartner) -> None:
    partner.answer = lambda _: says_html(403)
    with pytest.raises(BadWsdl) as caught:
        fetch_bundle(f"{partner.url}/svc?wsdl&key=rosebud", LIKE)
    assert "rosebud" not in caught.value.text("en") + str(caught.value.details)


def test_a_fetched_bundle_has_a_digest_of_its_own() -> None:
    files = {"svc?wsdl": TEXT.encode()}
    assert Bundle("svc?wsdl", files, "a").digest != Bundle("svc?wsdl", files, "b").digest
