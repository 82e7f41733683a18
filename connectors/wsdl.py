"""A WSDL with all that it imports, as an administrator uploads it: one file or a zip file.

What is approved is kept as these bytes and never fetched again.
"""

from __future__ import annotations

import posixpath
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from io import BytesIO
from types import MappingProxyType

from lxml import etree

from connectors import hardened
from connectors.wsdl_words import BadWsdl

WSDL = "http://schemas.xmlsoap.org/wsdl/"
WSDL_2 = "http://www.w3.org/ns/wsdl"
MEGABYTE = 1_000_000
UPLOAD, TOTAL, FILE = 10 * MEGABYTE, 16 * MEGABYTE, 10 * MEGABYTE
"""Bytes of what is uploaded, of all files unpacked, and of one of them."""
FILES = 300
BOUNDS = hardened.Bounds(size=FILE)
_KINDS = (".wsdl", ".xsd", ".xml", ".svc", ".asmx")
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_MADE = (2000, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Bundle:
    """A WSDL and the files it imports, by their names within the bundle."""

    main: str
    files: Mapping[str, bytes]
    host: str = ""
    """The host it was fetched from, in lower case: imports that name it are within the bundle."""

    @cached_property
    def digest(self) -> str:
        """64 hexadecimal digits that are the same only for the same bundle."""
        found = sha256(f"{self.main}\0{self.host}\0".encode())
        for name in sorted(self.files):
            found.update(f"{name}\0{len(self.files[name])}\0".encode())
            found.update(self.files[name])
        return found.hexdigest()

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(map(len, self.files.values()))


def read_bundle(name: str, data: bytes) -> Bundle:
    """Read one uploaded file: a WSDL, or a zip file with a WSDL and its imports.

    Only names, sizes and the root elements are judged here; see ``wsdl_imports.settle`` and
    ``soap_check.approve`` for the rest. Raises :class:`BadWsdl`.
    """
    if not data.strip():
        raise BadWsdl("empty")
    if len(data) > UPLOAD:
        raise BadWsdl("large", limit=UPLOAD // MEGABYTE)
    if data.startswith(_ZIP):
        files = MappingProxyType(dict(_unzipped(data)))
        return Bundle(_main(files), files)
    plain = posixpath.basename(name.replace("\\", "/"))[:100] or "service.wsdl"
    root = read_file(plain, data)
    if root.tag != f"{{{WSDL}}}definitions":
        raise _not_wsdl(plain, root)
    return Bundle(plain, MappingProxyType({plain: data}))


def pack(bundle: Bundle) -> bytes:
    """The bundle as one zip file; the same bundle gives the same bytes."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.comment = f"{bundle.host}\n{bundle.main}".encode()
        for name in sorted(bundle.files):
            archive.writestr(zipfile.ZipInfo(name, _MADE), bundle.files[name], _packed)
    return out.getvalue()


_packed = zipfile.ZIP_DEFLATED


def unpack(data: bytes) -> Bundle:
    """The bundle that :func:`pack` made these bytes of; raises :class:`BadWsdl` for others."""
    files = dict(_unzipped(data, every=True))
    with zipfile.ZipFile(BytesIO(data)) as archive:
        host, _, main = archive.comment.decode("utf-8", "replace").partition("\n")
    if main not in files:
        raise BadWsdl("zip", why="it names no WSDL")
    return Bundle(main, MappingProxyType(files), host)


def read_file(name: str, data: bytes) -> etree._Element:
    """The root of one file of a bundle; raises :class:`BadWsdl` with its name and line."""
    try:
        return hardened.read(data, BOUNDS)
    except hardened.BadXml as error:
        if _is_html(data):
            raise BadWsdl("html", name, 1) from None
        limit = int(error.why) // MEGABYTE if error.rule == "large" else error.why
        raise BadWsdl(error.rule, name, error.line, why=error.why, limit=limit) from None


def _is_html(data: bytes) -> bool:
    start = data[:2000].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return start.startswith((b"<!doctype html", b"<html"))


def _not_wsdl(name: str, root: etree._Element) -> BadWsdl:
    if root.tag == f"{{{WSDL_2}}}description":
        return BadWsdl("wsdl-2", name, 1)
    if etree.QName(root).localname.lower() == "html":
        return BadWsdl("html", name, 1)
    return BadWsdl("no-wsdl")


def _unzipped(data: bytes, *, every: bool = False) -> Iterator[tuple[str, bytes]]:
    """The XML files of a zip file, each read no further than the limits allow."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            yield from _members(archive, every)
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError,
            ValueError, OSError) as error:  # fmt: skip
        if isinstance(error, BadWsdl):
            raise
        raise BadWsdl("zip", why=type(error).__name__) from None


def _members(archive: zipfile.ZipFile, every: bool) -> Iterator[tuple[str, bytes]]:
    wanted = [one for one in archive.infolist() if every or _is_wanted(one)]
    if len(wanted) > FILES:
        raise BadWsdl("many-files", limit=FILES)
    left, seen = TOTAL, set()
    for one in wanted:
        name = _plain_name(one.filename)
        if name in seen:
            raise BadWsdl("name", name)
        seen.add(name)
        content = _content(archive, one, min(left, FILE))
        left -= len(content)
        yield name, content


def _is_wanted(one: zipfile.ZipInfo) -> bool:
    parts = one.filename.replace("\\", "/").split("/")
    hidden = any(part.startswith((".", "__MACOSX")) and part not in ("..", ".") for part in parts)
    return not one.is_dir() and not hidden and one.filename.lower().endswith(_KINDS)


def _plain_name(written: str) -> str:
    name = posixpath.normpath(written.replace("\\", "/"))
    leads_out = name.startswith(("/", "../")) or name == ".." or ":" in name.split("/")[0]
    if leads_out or len(name) > 200:
        raise BadWsdl("name", written[:100])
    return name


def _content(archive: zipfile.ZipFile, one: zipfile.ZipInfo, most: int) -> bytes:
    """Read one member; what its header says of its size is not believed."""
    with archive.open(one) as stream:
        content = stream.read(most + 1)
    if len(content) > most:
        raise BadWsdl("large", one.filename, limit=TOTAL // MEGABYTE)
    return content


def _main(files: Mapping[str, bytes]) -> str:
    """The one WSDL that no other imports; when several are left, the one that has a service."""
    found = _descriptions(files)
    imported = {target for name, root in found.items() for target in _imported(name, root)}
    tops = {name: root for name, root in found.items() if name not in imported} or found
    serving = [name for name, root in tops.items() if root.find(f"{{{WSDL}}}service") is not None]
    serving = serving or list(tops)
    if len(serving) > 1:
        raise BadWsdl("several", names=", ".join(sorted(serving)[:5]))
    return serving[0]


def _descriptions(files: Mapping[str, bytes]) -> dict[str, etree._Element]:
    """The files that are WSDLs. Others are not judged: perhaps nothing imports them."""
    found: dict[str, etree._Element] = {}
    wrong: list[BadWsdl] = []
    for name, data in files.items():
        try:
            root = read_file(name, data)
        except BadWsdl as error:
            wrong.append(error)
            continue
        if root.tag == f"{{{WSDL}}}definitions":
            found[name] = root
        elif root.tag == f"{{{WSDL_2}}}description":
            wrong.append(BadWsdl("wsdl-2", name, 1))
    if not found:
        raise wrong[0] if wrong else BadWsdl("no-wsdl")
    return found


def _imported(name: str, root: etree._Element) -> Iterator[str]:
    for one in root.iterfind(f"{{{WSDL}}}import"):
        location = one.get("location") or ""
        yield posixpath.normpath(posixpath.join(posixpath.dirname(name), location))
        yield posixpath.basename(location)
