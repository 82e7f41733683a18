"""zeep, shut in: it reads a settled bundle and nothing else, and never speaks to anybody.

zeep knows the types of a WSDL and writes the body of a call. What goes over the wire, and what
an answer means, is our own affair (``soap_wire``, ``soap_replies``, ``soap_reading``).
"""

from __future__ import annotations

import threading
import warnings
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import zeep
from lxml import etree
from zeep.exceptions import Error as ZeepError
from zeep.wsdl import Document
from zeep.wsdl.bindings.soap import Soap11Binding, Soap12Binding, SoapOperation

from connectors.standards import XSD
from connectors.wsdl import Bundle, unpack
from connectors.wsdl_imports import place, settle
from connectors.wsdl_words import BadWsdl

RAW = (
    ZeepError, etree.Error, ArithmeticError, AssertionError, AttributeError, LookupError,
    NameError, OSError, RuntimeError, TypeError, ValueError,
)  # fmt: skip
"""What zeep raises for a WSDL, a value or an answer that it does not understand."""
SETTINGS = zeep.Settings(
    strict=True, forbid_dtd=True, forbid_entities=True, forbid_external=True, force_https=False
)
WEIGHT = 4_000_000
"""Bytes of XML whose types are kept ready: they take thirty times as much memory, as measured. One
bundle is kept whatever it weighs."""


class _Shelf:
    """Stands where zeep expects a transport: it gives files of a mapping and opens nothing."""

    binding_classes = (Soap11Binding, Soap12Binding)

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._files = files

    def load(self, url: str) -> bytes:
        """The bytes of one file of the bundle."""
        return self._files[url]


@dataclass(frozen=True)
class Service:
    """The types and operations of one bundle. Nothing in it changes but what is worked out of it
    once, so threads share it."""

    document: Document
    weight: int
    choices: Mapping[str, tuple[str, ...]]
    """The enumerated values of simple types, by qualified name."""
    worked_out: dict[tuple[str, int], Any] = field(default_factory=dict, compare=False)
    """What was worked out of a type, by what it is for and the ``id`` of the type, which lives as
    long as the document does."""

    @cached_property
    def calls(self) -> Mapping[str, tuple[Call, ...]]:
        """What can be called, by name, and where: ports of SOAP 1.1 come before those of 1.2. An
        operation of a further service with a name that is taken is ``service.operation``."""
        found: dict[str, tuple[Call, ...]] = {}
        for service in self.document.services.values():
            for port in sorted(service.ports.values(), key=_is_newer):
                for name, operation in port.binding.all().items():
                    _add(found, service.name, name, _call(port, operation))
        return found


@dataclass(frozen=True)
class Call:
    """One operation at one port."""

    operation: SoapOperation
    address: str
    """Where the WSDL says it is; a channel may say otherwise."""
    version: str
    """``1.1`` or ``1.2``."""
    port: str


def _is_newer(port: Any) -> bool:
    return isinstance(port.binding, Soap12Binding)


def _call(port: Any, operation: SoapOperation) -> Call:
    address = (port.binding_options or {}).get("address") or ""
    version = "1.2" if _is_newer(port) else "1.1"
    return Call(operation, address.strip(), version, str(port.name))


def _add(found: dict[str, tuple[Call, ...]], service: str, name: str, call: Call) -> None:
    if call.operation.input is None:
        return
    taken = found.get(name, ())
    if taken and taken[0].operation.binding.port_type is not call.operation.binding.port_type:
        name = f"{service}.{name}"
    found[name] = (*found.get(name, ()), call)


def load(bundle: Bundle) -> Service:
    """Work out the types and operations of a bundle; raises :class:`BadWsdl`.

    A bundle that was not approved may take very long: see ``soap_check``.
    """
    files = settle(bundle)
    with understood(bundle.main):
        service = _worked_out(place(bundle.main), files)
    if not service.calls:
        raise BadWsdl("no-operation", bundle.main)
    return service


@contextmanager
def understood(file: str) -> Iterator[None]:
    """Turn whatever zeep raises about a WSDL into one clear error."""
    try:
        yield
    except RecursionError:
        raise BadWsdl("endless", file) from None
    except RAW as error:
        raise BadWsdl("unusable", file, why=_reason(error)) from None


def _worked_out(main: str, files: Mapping[str, bytes]) -> Service:
    shelf: Any = _Shelf(files)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # zeep warns of operations that it leaves out.
        document = Document(main, shelf, settings=SETTINGS)
        service = Service(document, sum(map(len, files.values())), _choices(files))
        _ = service.calls  # Here, where what zeep raises is caught, and once for all threads.
        return service


def _reason(error: BaseException) -> str:
    said = " ".join(str(error).split()).replace("file:///bundle/", "")
    kind = type(error).__name__
    return f"{kind}: {said[:250]}" if said else kind


def _choices(files: Mapping[str, bytes]) -> dict[str, tuple[str, ...]]:
    """zeep forgets enumerations, so they are read here: by the name of the type, or of the
    element or attribute around a nameless one. What would be ambiguous is left out."""
    found: dict[str, tuple[str, ...]] = {}
    doubtful: set[str] = set()
    for data in files.values():
        for schema in etree.fromstring(data).iter(f"{{{XSD}}}schema"):
            namespace = schema.get("targetNamespace") or ""
            for one in schema.iter(f"{{{XSD}}}simpleType"):
                values = tuple(v.get("value", "") for v in one.iterfind(_ENUMERATED))
                owner = one if one.get("name") else one.getparent()
                name = f"{{{namespace}}}{owner.get('name')}" if owner is not None else ""
                if found.setdefault(name, values) != values:
                    doubtful.add(name)
    return {name: values for name, values in found.items() if values and name not in doubtful}


_ENUMERATED = f"{{{XSD}}}restriction/{{{XSD}}}enumeration"


class Ready:
    """Services worked out and kept, the least used ones put away when they take too much."""

    def __init__(self, most: int = WEIGHT) -> None:
        self._most = most
        self._kept: OrderedDict[str, Service] = OrderedDict()
        self._lock = threading.Lock()
        self._making: dict[str, threading.Lock] = {}

    def get(self, digest: str, make: Callable[[], Service]) -> Service:
        """The service of a bundle; two threads that ask at once wait for one work."""
        with self._lock:
            if digest in self._kept:
                self._kept.move_to_end(digest)
                return self._kept[digest]
            making = self._making.setdefault(digest, threading.Lock())
        with making:
            with self._lock:
                if digest in self._kept:
                    return self._kept[digest]
            made = make()
            with self._lock:
                self._keep(digest, made)
            return made

    def _keep(self, key: str, made: Service) -> None:
        self._kept[key] = made
        self._making.pop(key, None)
        while sum(one.weight for one in self._kept.values()) > self._most and len(self._kept) > 1:
            self._kept.popitem(last=False)


READY = Ready()
"""Those of this process."""


def ready(digest: str, packed: bytes) -> Service:
    """The service of an approved bundle (``wsdl.pack``), worked out at most once in this process
    while it is in use; raises :class:`BadWsdl`."""
    return READY.get(digest, lambda: load(unpack(packed)))
