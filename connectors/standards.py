"""The schemas of public standards that WSDLs import, shipped here so that nothing is fetched.

The files in ``connectors/schemas`` say the names and types of W3C, OASIS and WS-I standards in
our own words; where a standard allows more than its users need (order, patterns), they are wider.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

XSD = "http://www.w3.org/2001/XMLSchema"
_FOLDER = Path(__file__).with_name("schemas")
_WSS = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-"

FILES: Mapping[str, str] = {
    "http://schemas.xmlsoap.org/soap/encoding/": "soap-encoding-1.1.xsd",
    "http://www.w3.org/2003/05/soap-encoding": "soap-encoding-1.2.xsd",
    "http://schemas.xmlsoap.org/soap/envelope/": "soap-envelope-1.1.xsd",
    "http://www.w3.org/2003/05/soap-envelope": "soap-envelope-1.2.xsd",
    "http://www.w3.org/XML/1998/namespace": "xml.xsd",
    "http://www.w3.org/2005/05/xmlmime": "xmlmime-2005.xsd",
    "http://www.w3.org/2004/11/xmlmime": "xmlmime-2004.xsd",
    "http://www.w3.org/2004/08/xop/include": "xop-include.xsd",
    "http://ws-i.org/profiles/basic/1.1/xsd": "swaref.xsd",
    "http://schemas.xmlsoap.org/wsdl/": "wsdl.xsd",
    "http://www.w3.org/2005/08/addressing": "addressing-2005.xsd",
    "http://schemas.xmlsoap.org/ws/2004/08/addressing": "addressing-2004.xsd",
    "http://www.w3.org/2000/09/xmldsig#": "xmldsig.xsd",
    f"{_WSS}utility-1.0.xsd": "wss-utility.xsd",
    f"{_WSS}secext-1.0.xsd": "wss-secext.xsd",
    "http://schemas.microsoft.com/2003/10/Serialization/": "serialization.xsd",
}
"""The file of each standard namespace."""


@cache
def schema(file: str) -> bytes:
    """The bytes of one shipped schema."""
    return (_FOLDER / file).read_bytes()
