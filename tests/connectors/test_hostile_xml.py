"""XML of strangers: a clear error in place of an answer, nothing read, nothing reached, and time
and memory bounded."""

from __future__ import annotations

import resource
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors import hardened
from connectors.errors import DeliveryFailed
from connectors.hardened import BadXml
from connectors.lying_http import LyingPartner, says
from connectors.soap_partner import SoapPartner
from tests.connectors.soap_calls import call

SECRET = "a line that nobody outside may see"
LAUGHS = "<!DOCTYPE x [<!ENTITY a0 'ha'>" + "".join(
    f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 12)
) + "]>"  # fmt: skip
QUADRATIC = f"<!DOCTYPE x [<!ENTITY a '{'a' * 50_000}'>]>"
ENVELOPE = (
    "<s:Envelope xmlns:s='http://schemas.xmlsoap.org/soap/envelope/'>"
    "<s:Body>{}</s:Body></s:Envelope>"
)

HOSTILE = {
    "laughs": f"{LAUGHS}{ENVELOPE.format('&a11;')}",
    "quadratic": f"{QUADRATIC}{ENVELOPE.format('&a;' * 20_000)}",
    "file": "<!DOCTYPE x [<!ENTITY e SYSTEM '{file}'>]>" + ENVELOPE.format("&e;"),
    "web": "<!DOCTYPE x [<!ENTITY e SYSTEM '{web}/e'>]>" + ENVELOPE.format("&e;"),
    "parameter": "<!DOCTYPE x [<!ENTITY % p SYSTEM '{web}/p'> %p;]>" + ENVELOPE.format(""),
    "dtd": "<!DOCTYPE x SYSTEM '{web}/x.dtd'>" + ENVELOPE.format(""),
    "public": "<!DOCTYPE x PUBLIC '-//W3C//DTD XHTML 1.0//EN' '{web}/x.dtd'>" + ENVELOPE.format(""),
    "xinclude": ENVELOPE.format(
        "<i:include xmlns:i='http://www.w3.org/2001/XInclude' href='{file}' parse='text'/>"
    ),
    "schema": ENVELOPE.format(
        "<x xmlns:i='http://www.w3.org/2001/XMLSchema-instance' i:schemaLocation='a {web}/a.xsd' "
        "i:noNamespaceSchemaLocation='{file}'/>"
    ),
    "stylesheet": "<?xml-stylesheet href='{web}/x.xsl' type='text/xsl'?>" + ENVELOPE.format(""),
    "deep": ENVELOPE.format("<a>" * 100_000 + "</a>" * 100_000),
    "many": ENVELOPE.format("<a/>" * 1_000_000),
    "attributes": ENVELOPE.format("<a " + " ".join(f"a{n}=''" for n in range(900_000)) + "/>"),
    "namespaces": ENVELOPE.format(
        "<a " + " ".join(f"xmlns:a{n}='u'" for n in range(300_000)) + "/>"
    ),
    "long_name": ENVELOPE.format(f"<{'a' * 5_000_000}/>"),
    "long_text": ENVELOPE.format("x" * 9_000_000),
    "unended": ENVELOPE.format("<![CDATA[" + "x" * 1_000_000),
    "comments": "<!--" + "-" * 1_000_000 + ENVELOPE.format(""),
    "encoding": "<?xml version='1.0' encoding='utf-7'?>" + ENVELOPE.format("+ADw-a/+AD4-"),
}


@pytest.fixture
def inside() -> Iterator[LyingPartner]:
    with LyingPartner() as found:
        yield found


def made(name: str, tmp_path: Path, inside: LyingPartner) -> str:
    secret = tmp_path / "secret.txt"
    secret.write_text(SECRET, encoding="utf-8")
    return HOSTILE[name].replace("{file}", secret.as_uri()).replace("{web}", inside.url)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_document_is_refused_or_harmless(
    name: str, encoding: str, tmp_path: Path, inside: LyingPartner
) -> None:
    source = made(name, tmp_path, inside).encode(encoding)
    began, before = time.process_time(), _high_water()
    text = read_or_refused(source)
    assert SECRET not in text
    assert "hahaha" not in text
    assert len(text) <= len(source)
    assert time.process_time() - began < 2
    assert _high_water() - before < 200
    assert inside.connections == 0


def read_or_refused(source: bytes) -> str:
    """What the document says, or why it is refused."""
    try:
        return "".join(str(text) for text in hardened.read(source).itertext())
    except BadXml as refused:
        return f"{refused.rule}: {refused}"


def _high_water() -> float:
    """Megabytes that this process has ever taken."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_answer_of_a_partner_is_no_answer(
    name: str, tmp_path: Path, inside: LyingPartner
) -> None:
    body = made(name, tmp_path, inside).encode()
    with SoapPartner() as partner:
        partner.script.append(says(body, content_type="text/xml"))
        began = time.process_time()
        with pytest.raises(DeliveryFailed) as caught:
            call(partner, "Echo", {"text": "x"}, most_kb=15_000)
        assert time.process_time() - began < 4
        assert [one.method for one in partner.heard] == ["POST"], "no WSDL is fetched at run time"
    told = f"{caught.value} {caught.value.text('fa')} {caught.value.result}"
    assert SECRET not in told
    assert len(told) < 2000
    assert inside.connections == 0
