"""A real Dovecot (IMAP and LMTP) of the test's own: no systemd, no fixed ports."""

from __future__ import annotations

import grp
import hashlib
import hmac
import json
import os
import pwd
import shutil
import smtplib
import socket
import ssl
import subprocess
import tempfile
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from imapclient import IMAPClient

from tests.support.patience import patient
from tests.support.ports import free_port

PASSWORD = "a-secret-of-the-mailbox"
_KEY = b"the-key-that-signs-tokens-of-tests"
_CONFIG = """
base_dir = {room}/run
state_dir = {room}/state
log_path = {room}/log
listen = 127.0.0.1
protocols = imap lmtp
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = 0
mail_uid = {user}
mail_gid = {group}
mail_home = {room}/mail/%n
mail_location = maildir:~/box
recipient_delimiter = +
auth_username_format = %Ln
auth_failure_delay = 0
auth_mechanisms = plain xoauth2 oauthbearer
disable_plaintext_auth = no
ssl = yes
ssl_cert = <{room}/cert.pem
ssl_key = <{room}/key.pem
lmtp_save_to_detail_mailbox = no
lmtp_add_received_header = yes
mail_max_userip_connections = 50
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {room}/oauth2.conf
}}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={room}/mail/%n
}}
service anvil {{
  chroot =
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {lmtp}
  }}
}}
service stats {{
  chroot =
}}
"""


@dataclass(frozen=True)
class Dovecot:
    """The running server. Every user name is a mailbox; all have the same password."""

    imap: int
    imaps: int
    lmtp: int
    certificate: str
    """In PEM."""
    room: Path

    def deliver(self, raw: bytes, *recipients: str, sender: str = "ali@example.org") -> None:
        """Hand a mail to the mailboxes of these addresses, as a mail server does."""
        with smtplib.LMTP("127.0.0.1", self.lmtp) as client:
            client.sendmail(sender, recipients, raw)

    def look(self, user: str) -> IMAPClient:
        """A client of the test's own in that mailbox."""
        client = IMAPClient("127.0.0.1", self.imap, ssl=False)
        client.login(user, PASSWORD)
        return client

    def count(self, user: str, folder: str = "INBOX") -> int:
        """How many mails lie in a folder; none where it is not there."""
        client = self.look(user)
        try:
            if not client.folder_exists(folder):
                return 0
            return int(client.folder_status(folder, ["MESSAGES"])[b"MESSAGES"])
        finally:
            client.logout()

    def token(self, user: str, seconds: int = 600) -> str:
        """An access token that the server believes."""
        head = {"typ": "JWT", "alg": "HS256", "kid": "tests"}
        now = int(time.time())
        body = {"sub": user, "username": user, "iat": now - 5, "exp": now + seconds}
        signed = b".".join(_base64(json.dumps(one).encode()) for one in (head, body))
        digest = hmac.digest(_KEY, signed, hashlib.sha256)
        return b".".join([signed, _base64(digest)]).decode()


def _base64(raw: bytes) -> bytes:
    return urlsafe_b64encode(raw).rstrip(b"=")


@pytest.fixture(scope="session")
def dovecot() -> Iterator[Dovecot]:
    """One server for the process; tests use mailboxes of different names."""
    with running() as made:
        yield made


@contextmanager
def running() -> Iterator[Dovecot]:
    """A server of its own on free ports, gone afterwards with all its mails."""
    program = shutil.which("dovecot") or "/usr/sbin/dovecot"
    room = Path(tempfile.mkdtemp(prefix="peygir-dovecot-"))
    made = _prepare(room)
    try:
        with subprocess.Popen([program, "-F", "-c", str(room / "conf")]) as process:
            try:
                _wait(made, process)
                yield made
            finally:
                process.terminate()
                process.wait(patient(20))
    finally:
        shutil.rmtree(room, ignore_errors=True)


def _prepare(room: Path) -> Dovecot:
    for name in ("run", "state", "mail", "keys/default/HS256"):
        (room / name).mkdir(parents=True)
    key = _base64(_KEY).decode() + "=" * (-len(_base64(_KEY)) % 4)
    (room / "keys/default/HS256/tests").write_text(key)
    (room / "oauth2.conf").write_text(
        f"introspection_mode = local\nlocal_validation_key_dict = fs:posix:prefix={room}/keys/\n"
        "username_attribute = username\n"
    )
    certificate = _certify(room)
    names = {**_account(room), "password": PASSWORD}
    imap, imaps, lmtp = free_port(), free_port(), free_port()
    config = _CONFIG.format(room=room, imap=imap, imaps=imaps, lmtp=lmtp, **names)
    (room / "conf").write_text(config)
    return Dovecot(imap, imaps, lmtp, certificate, room)


def _account(room: Path) -> dict[str, str]:
    """Whom the server works as: ourselves, or nobody where we are root, whose mail it refuses."""
    account = pwd.getpwnam("nobody") if os.getuid() == 0 else pwd.getpwuid(os.getuid())
    if os.getuid() == 0:
        room.chmod(0o711)
        shutil.chown(room / "mail", account.pw_uid, account.pw_gid)
    return {"user": account.pw_name, "group": grp.getgrgid(account.pw_gid).gr_name}


def _certify(room: Path) -> str:
    """A certificate for localhost, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    certificate = made.public_bytes(serialization.Encoding.PEM)
    plain = serialization.NoEncryption()
    form = serialization.PrivateFormat.PKCS8
    (room / "key.pem").write_bytes(key.private_bytes(serialization.Encoding.PEM, form, plain))
    (room / "cert.pem").write_bytes(certificate)
    ssl.create_default_context().load_verify_locations(cadata=certificate.decode())
    return certificate.decode()


def _wait(made: Dovecot, process: subprocess.Popen[bytes]) -> None:
    """Until all ports answer; the log tells why they do not."""
    until = time.monotonic() + patient(15)
    for port in (made.imap, made.imaps, made.lmtp):
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                log = made.room / "log"
                said = log.read_text()[-2000:] if log.exists() else "no log"
                assert process.poll() is None and time.monotonic() < until, said
                time.sleep(0.02)
