"""WSDLs for tests: the partner's own, and variations of it."""

from __future__ import annotations

import zipfile
from io import BytesIO
from pathlib import Path

import connectors
from connectors.wsdl import Bundle, read_bundle

PARTNER = Path(connectors.__file__).with_name("schemas") / "complaints.wsdl"
TEXT = PARTNER.read_text(encoding="utf-8")
_SCHEMA = 'xmlns:c="urn:peygir:example:complaints" xmlns:xs="http://www.w3.org/2001/XMLSchema">'


def with_in_schema(text: str) -> bytes:
    """The partner's WSDL with more at the beginning of its schema."""
    assert TEXT.count(_SCHEMA) == 1
    return TEXT.replace(_SCHEMA, _SCHEMA + text).encode()


def with_import(text: str) -> bytes:
    """The partner's WSDL with more among what it imports."""
    start = "  <wsdl:types>\n"
    assert TEXT.count(start) == 1
    return TEXT.replace(start, text + start).encode()


def zipped(files: dict[str, bytes | str]) -> bytes:
    """A zip file."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def bundle() -> Bundle:
    """The partner's own."""
    return read_bundle("complaints.wsdl", TEXT.encode())
