"""Receiving by e-mail, as a kind of connector: a mailbox that is watched by IMAP.

The talk with the server is in :mod:`connectors.mailboxes`, what a mail says in
:mod:`connectors.mail_reading`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any, ClassVar

from marshmallow import ValidationError, fields, validate, validates_schema

from connectors import contract, mailboxes, oauth
from connectors.contract import Answer, Connector, NotAble, Order, told
from connectors.errors import NotAdmitted
from connectors.networks import allowed_by
from connectors.option_checks import (
    is_address_or_empty,
    is_networks,
    is_url_or_empty,
    matches,
)
from connectors.option_fields import text
from connectors.server_options import ServerOptions, authority, port_of
from connectors.transport import Request

_PORTS = {"tls": 993, "starttls": 143, "none": 143}
MOST_PER_DAY = 50
MOST_NEW, MOST_NEW_PER_DOMAIN = 1000, 300


_FOR_TOKENS: Any = {"en": "Needed for access tokens.", "fa": "برای توکن دسترسی لازم است."}
_NO_ENTRANCE: Any = {
    "en": "Enter a password or an address for tokens.",
    "fa": "گذرواژه، یا نشانی دریافت توکن را بنویسید.",
}


class ImapOptions(ServerOptions):
    """Where the mailbox is, how it is entered and what becomes of its mails."""

    trust = authority()
    user = fields.String(
        required=True,
        validate=validate.Length(min=1, max=254),
        metadata=told({"en": "User name", "fa": "نام کاربری"}),
    )
    password = text({"en": "Password", "fa": "گذرواژه"}, most=500, secret=True)
    token_url = text(
        {"en": "Address for access tokens", "fa": "نشانی دریافت توکن"},
        {
            "en": "For OAuth 2.0 (XOAUTH2) in place of a password.",
            "fa": "برای OAuth 2.0 (XOAUTH2) به‌جای گذرواژه.",
        },
        most=500,
        check=is_url_or_empty,
    )
    client_id = text({"en": "OAuth client", "fa": "شناسهٔ OAuth"}, most=200)
    client_secret = text({"en": "OAuth secret", "fa": "رمز OAuth"}, most=2000, secret=True)
    refresh_token = text(
        {"en": "OAuth refresh token", "fa": "توکن نوسازی OAuth"},
        {
            "en": "Where the mailbox belongs to a person who has agreed; else left empty.",
            "fa": "اگر صندوق از آنِ کسی است که اجازه داده است؛ وگرنه خالی بماند.",
        },
        most=8000,
        secret=True,
    )
    scope = text({"en": "OAuth scope", "fa": "دامنهٔ OAuth"}, most=500)
    private_partners = fields.List(
        fields.String(validate=[validate.Length(max=100), is_networks]),
        load_default=list,
        validate=validate.Length(max=20),
        metadata=told(
            {"en": "Private networks for tokens", "fa": "شبکه‌های داخلی برای توکن"},
            {
                "en": "Where the address for tokens is inside, such as 10.1.0.0/16:8443.",
                "fa": "اگر نشانی توکن در شبکهٔ داخلی است، مانند 10.1.0.0/16:8443.",
            },
        ),
    )
    folder = text({"en": "Folder", "fa": "پوشه"}, most=200, default="INBOX")
    done_folder = text(
        {"en": "Folder for mails that are taken", "fa": "پوشهٔ نامه‌های دریافت‌شده"},
        {
            "en": "Left empty, they stay where they are, with a keyword.",
            "fa": "اگر خالی بماند، با نشانه‌ای همان‌جا می‌مانند.",
        },
        most=200,
        default="Peygir",
    )
    poll_seconds = fields.Integer(
        load_default=60,
        validate=validate.Range(5, 3600),
        metadata=told(
            {"en": "Look every (seconds)", "fa": "هر چند ثانیه نگاه شود"},
            {
                "en": "A server that can tell of new mails is heard at once.",
                "fa": "سروری که بتواند خبر دهد، بی‌درنگ شنیده می‌شود.",
            },
        ),
    )
    address = text(
        {"en": "Address of the mailbox", "fa": "نشانی صندوق"},
        {
            "en": "Answers to our letters are asked to this address; left empty, they are not.",
            "fa": "پاسخ نامه‌های ما به این نشانی خواسته می‌شود؛ اگر خالی بماند، خواسته نمی‌شود.",
        },
        most=254,
        check=is_address_or_empty,
    )
    failure_address = text(
        {"en": "Address for failures", "fa": "نشانی نامه‌های برگشتی"},
        {
            "en": "Another address whose mails also come into this mailbox; left empty, the same.",
            "fa": "نشانی دیگری که نامه‌هایش به همین صندوق می‌رسد؛ اگر خالی بماند، همان نشانی.",
        },
        most=254,
        check=is_address_or_empty,
    )
    tags = fields.Boolean(
        load_default=True,
        metadata=told(
            {"en": "The server takes name+tag@…", "fa": "سرور نشانی name+tag@… را می‌پذیرد"},
            {
                "en": "Without this, answers are known by their Message-ID alone.",
                "fa": "بدون آن، پاسخ‌ها تنها با Message-ID شناخته می‌شوند.",
            },
        ),
    )
    decision = text(
        {"en": "Decision table for new mails", "fa": "جدول تصمیم نامه‌های تازه"},
        {
            "en": "It sees sender, subject, recipient and text; left empty, mails wait in triage.",
            "fa": "فرستنده، موضوع، گیرنده و متن را می‌بیند؛ اگر خالی بماند، نامه‌ها منتظر می‌مانند.",
        },
        default="mail_intake",
        most=100,
    )
    message = text(
        {"en": "Message event", "fa": "رویداد پیام"},
        {
            "en": "A process that waits for it, its key the sender’s address, hears the mail.",
            "fa": "فرایندی که با کلید نشانی فرستنده منتظر آن است، نامه را می‌شنود.",
        },
        most=100,
    )
    most_per_day = fields.Integer(
        load_default=MOST_PER_DAY,
        validate=validate.Range(1, 100_000),
        metadata=told(
            {"en": "Mails of one sender in a day", "fa": "نامه‌های یک فرستنده در روز"},
            {"en": "More of them are quarantined.", "fa": "بیش از این، قرنطینه می‌شود."},
        ),
    )

    most_new_per_day = fields.Integer(
        load_default=MOST_NEW,
        validate=validate.Range(1, 1_000_000),
        metadata=told(
            {"en": "New mails in a day", "fa": "نامه‌های تازه در روز"},
            {
                "en": "Mails that belong to no request. More of them are quarantined, so that "
                "forged senders cannot flood you.",
                "fa": "نامه‌هایی که به درخواستی تعلق ندارند. بیش از این قرنطینه می‌شود تا "
                "فرستنده‌های جعلی سیل راه نیندازند.",
            },
        ),
    )
    most_new_per_domain = fields.Integer(
        load_default=MOST_NEW_PER_DOMAIN,
        validate=validate.Range(1, 1_000_000),
        metadata=told(
            {"en": "New mails of one domain in a day", "fa": "نامه‌های تازهٔ یک دامنه در روز"},
            {
                "en": "Such as all of example.org; raise it where many customers share a domain.",
                "fa": "مانند همهٔ example.org؛ اگر مشتریان زیادی یک دامنه دارند، بیشترش کنید.",
            },
        ),
    )
    authserv_id = fields.String(
        load_default="",
        validate=matches(
            r"[\x21-\x3a\x3c-\x7e]{0,255}",
            en="Write Latin letters, digits and signs without blanks and “;”.",
            fa="حروف، رقم و نشانهٔ لاتین بنویسید، بی‌فاصله و بی «;».",
        ),
        metadata=told(
            {
                "en": "Name under which your mail server proves senders",
                "fa": "نامی که سرور ایمیلتان با آن فرستنده‌ها را تأیید می‌کند",
            },
            {
                "en": "The first word of its Authentication-Results, such as mx.example.org. A "
                "sender that it calls forged joins no request by address alone. The server must "
                "take away such lines of others. Left empty, senders are not proved.",
                "fa": "نخستین واژهٔ Authentication-Results آن، مانند mx.example.org. فرستنده‌ای که "
                "جعلی خوانده شود تنها با نشانی‌اش به درخواستی نمی‌پیوندد. سرور باید چنین سطرهایی را "
                "از نامهٔ دیگران بردارد. اگر خالی بماند، فرستنده‌ها تأیید نمی‌شوند.",
            },
        ),
    )

    @validates_schema
    def check_entrance(self, data: Mapping[str, Any], **_: Any) -> None:
        """A password, or all that a token needs."""
        if data.get("token_url"):
            for name in ("client_id", "client_secret"):
                if not data.get(name):
                    raise ValidationError([_FOR_TOKENS], name)
        elif not data.get("password"):
            raise ValidationError([_NO_ENTRANCE], "password")


class Imap(Connector):
    """Mails of one mailbox join their requests, open new ones, or wait for a person."""

    kind = "imap"
    task_type = ""
    names: ClassVar = {"en": "Mailbox (IMAP)", "fa": "صندوق ایمیل (IMAP)"}
    about: ClassVar = {
        "en": "Receives e-mail: answers join their requests, new mails open some.",
        "fa": "ایمیل می‌گیرد: پاسخ به درخواست خود می‌پیوندد و نامهٔ تازه درخواست می‌سازد.",
    }
    abilities: ClassVar = frozenset({"receive"})
    fetches = True
    Options = ImapOptions
    inputs = ()
    results: ClassVar = {}
    errors: ClassVar = {}
    repeats = "hold"

    def send(self, order: Order, options: Mapping[str, Any]) -> Answer:
        """A mailbox only receives."""
        raise NotAble(f"{self.kind}: send")

    def probe(self, options: Mapping[str, Any]) -> str:
        """Open the mailbox and count what waits in it, changing nothing."""
        with entered(options, "") as box:
            count = len(box.waiting(1000))
        return f"{options['user']}: {count} in {options['folder']}"


@contextmanager
def entered(options: Mapping[str, Any], done: str) -> Iterator[mailboxes.Mailbox]:
    """The mailbox of these options, with the folder ``done`` for what is kept. Where a token is
    refused that should still be good, another one is asked for, once.

    Raises the errors of ``mailboxes.opened`` and of :func:`server_of`.
    """
    with ExitStack() as stack:
        server = server_of(options)
        try:
            box = stack.enter_context(mailboxes.opened(server, options["folder"], done))
        except NotAdmitted:
            if server.token is None:
                raise
            oauth.TOKENS.forget(server.token)
            box = stack.enter_context(mailboxes.opened(server_of(options), options["folder"], done))
        yield box


def server_of(options: Mapping[str, Any]) -> mailboxes.Server:
    """Where the mailbox of these options is; asks for an access token where one is used.

    Raises as ``oauth.ask`` does when no token is given.
    """
    security = options["security"]
    return mailboxes.Server(
        options["host"],
        port_of(options, _PORTS),
        security,
        options["user"],
        options["password"],
        _token(options) if options["token_url"] else None,
        options["trust"],
    )


def _token(options: Mapping[str, Any]) -> str:
    client = _client(options)
    return oauth.TOKENS.get(client, Request("POST", client.url, allowed=allowed_by(options)))


def _client(options: Mapping[str, Any]) -> oauth.Client:
    return oauth.Client(
        options["token_url"],
        options["client_id"],
        options["client_secret"],
        options["scope"],
        sent_in="body",
        refresh=options["refresh_token"],
        keeper=options.get(contract.TOKEN_KEEPER) if options["refresh_token"] else None,
    )
