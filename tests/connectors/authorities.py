"""Certificates for tests, made on the spot by an authority of their own."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID

Key = ec.EllipticCurvePrivateKey


@dataclass(frozen=True)
class Pair:
    """A certificate and its key, in PEM."""

    certificate: str
    key: str


class Authority:
    """Signs certificates; ``certificate`` is its own, in PEM."""

    def __init__(self, name: str = "Tests") -> None:
        self._key, self._name = _key(), _named(name)
        made = _begun(self._name, self._name, self._key, datetime.now(UTC) + timedelta(days=3650))
        constraint = x509.BasicConstraints(ca=True, path_length=0)
        self._own = made.add_extension(constraint, critical=True).sign(self._key, hashes.SHA256())
        self.certificate = _pem(self._own)

    def sign(self, name: str, until: datetime | None = None) -> Pair:
        """A certificate of that name, also for 127.0.0.1, that holds already, for a year from
        now where nothing else is said."""
        until = until or datetime.now(UTC) + timedelta(days=365)
        key = _key()
        names = [x509.DNSName(name), x509.IPAddress(ip_address("127.0.0.1"))]
        made = _begun(_named(name), self._name, key, until)
        made = made.add_extension(x509.SubjectAlternativeName(names), critical=False)
        return Pair(_pem(made.sign(self._key, hashes.SHA256())), pem_of(key))

    def server(self, folder: Path, clients: Authority) -> ssl.SSLContext:
        """The TLS of a server of this authority, which lets in only who has a certificate of
        ``clients``."""
        pair, file = self.sign("partner.test"), folder / "server.pem"
        file.write_text(pair.key + pair.certificate)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        context.load_verify_locations(cadata=clients.certificate)
        context.verify_mode = ssl.CERT_REQUIRED
        return context


def locked(key: str, password: str) -> str:
    """The same key behind a password."""
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    found = load_pem_private_key(key.encode(), None)
    assert isinstance(found, ec.EllipticCurvePrivateKey)
    return pem_of(found, BestAvailableEncryption(password.encode()))


def pem_of(key: Key, way: KeySerializationEncryption | None = None) -> str:
    """A key in PEM."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, way or NoEncryption()).decode()


def _key() -> Key:
    return ec.generate_private_key(ec.SECP256R1())


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _begun(
    name: x509.Name, issuer: x509.Name, key: Key, until: datetime
) -> x509.CertificateBuilder:
    since = min(datetime.now(UTC), until) - timedelta(days=365)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(issuer)
    made = made.public_key(key.public_key()).serial_number(x509.random_serial_number())
    return made.not_valid_before(since).not_valid_after(until)


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(Encoding.PEM).decode()
