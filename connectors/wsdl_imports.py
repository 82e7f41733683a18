"""Where the imports of a WSDL lead: into its bundle, or to a shipped standard, and nowhere else."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from urllib.parse import quote, unquote, urljoin, urlsplit

from lxml import etree

from connectors import standards
from connectors.hardened import line
from connectors.standards import XSD
from connectors.wsdl import WSDL, Bundle, read_file
from connectors.wsdl_words import BadWsdl

WITHIN = "file:///bundle/"
SHIPPED = "file:///standards/"
"""The places that files are told to be at. Nothing is ever opened there: the reader is given
:func:`settle`'s mapping and knows no other files."""
_IMPORTS = (f"{{{WSDL}}}import", f"{{{XSD}}}import", f"{{{XSD}}}include")
_UNSUPPORTED = (f"{{{XSD}}}redefine", f"{{{XSD}}}override")
ELEMENTS = 200_000


def place(name: str) -> str:
    """The address under which a file of the bundle stands."""
    return WITHIN + quote(name, safe="/")


def settle(bundle: Bundle) -> Mapping[str, bytes]:
    """Every file that is needed, by its address, with all imports rewritten to such addresses.

    Raises :class:`BadWsdl` with file, line and location for an import of anything that is
    neither in the bundle nor a shipped standard.
    """
    done: dict[str, bytes] = {}
    waiting, elements = [place(bundle.main)], 0
    while waiting:
        here = waiting.pop()
        if here in done:
            continue
        name, root = _root(bundle, here)
        elements += sum(1 for _ in root.iter())
        if elements > ELEMENTS:
            raise BadWsdl("many", name, 1, limit=ELEMENTS)
        waiting += list(_rewritten(bundle, here, name, root))
        done[here] = etree.tostring(root)
    return done


def _root(bundle: Bundle, here: str) -> tuple[str, etree._Element]:
    if here.startswith(SHIPPED):
        name = here.removeprefix(SHIPPED)
        return name, read_file(name, standards.schema(name))
    name = unquote(here.removeprefix(WITHIN))
    return name, read_file(name, bundle.files[name])


def _rewritten(bundle: Bundle, here: str, name: str, root: etree._Element) -> Iterator[str]:
    """Point every import of a file to where it leads, and give those addresses."""
    for found in root.iter(*_UNSUPPORTED):
        what = etree.QName(found).localname
        raise BadWsdl("redefine", name, line(found), name=what)
    _import_encoding(root)
    for one in root.iter(*_IMPORTS):
        attribute = "location" if one.tag == f"{{{WSDL}}}import" else "schemaLocation"
        target = _target(bundle, here, name, one, one.get(attribute))
        if target is not None:
            one.set(attribute, target)
            yield target
        elif attribute in one.attrib:
            del one.attrib[attribute]


def _import_encoding(root: etree._Element) -> None:
    """Say where the SOAP encoding is in each schema that names it. Many leave that out, and then
    zeep would fetch it."""
    for schema in list(root.iter(f"{{{XSD}}}schema")):
        if _ENCODING in schema.nsmap.values() or _names_encoding(schema):
            schema.insert(0, etree.Element(_IMPORTS[1], namespace=_ENCODING))


def _names_encoding(schema: etree._Element) -> bool:
    return any(_ENCODING in one.nsmap.values() for one in schema.iterdescendants())


_ENCODING = "http://schemas.xmlsoap.org/soap/encoding/"


def _target(
    bundle: Bundle, here: str, name: str, one: etree._Element, location: str | None
) -> str | None:
    """The address of what is imported; None when nothing need be read."""
    namespace = one.get("namespace") or ""
    if one.tag == f"{{{XSD}}}import":
        if namespace == XSD:
            return None
        if namespace in standards.FILES:
            return SHIPPED + standards.FILES[namespace]
    if not location or not location.strip():
        return None
    found = _within(bundle, here, location.strip())
    if found is None:
        raise BadWsdl(_refusal(location), name, line(one), location=location.strip())
    return place(found)


def _within(bundle: Bundle, here: str, location: str) -> str | None:
    """The name of the file in the bundle that a location means."""
    candidates = list(_candidates(bundle, here, location))
    for name in candidates:
        if name in bundle.files:
            return name
    # People save files from several addresses into one folder.
    last = posixpath.basename(candidates[-1]) if candidates else ""
    same = [name for name in bundle.files if posixpath.basename(name) == last]
    return same[0] if len(same) == 1 and last else None


def _candidates(bundle: Bundle, here: str, location: str) -> Iterator[str]:
    try:
        parts = urlsplit(location)
    except ValueError:
        return
    if parts.scheme in ("http", "https"):
        own = bool(bundle.host) and parts.hostname == bundle.host
        query = f"?{parts.query}" if parts.query else ""
        if own:
            yield parts.path.lstrip("/") + query
        if own or not bundle.host:
            yield unquote(parts.path).lstrip("/")
    elif not parts.scheme and not parts.netloc:
        joined = urljoin(here, location)
        if joined.startswith(WITHIN):
            yield unquote(joined.removeprefix(WITHIN))
            yield unquote(joined.removeprefix(WITHIN).partition("?")[0])


def _refusal(location: str) -> str:
    scheme = location.strip().partition(":")[0].lower()
    if scheme in ("http", "https", "ftp") or location.strip().startswith("//"):
        return "outside"
    windows = len(scheme) == 1 and ":" in location
    if scheme == "file" or windows or location.strip().startswith(("/", "\\")):
        return "local"
    return "missing"
