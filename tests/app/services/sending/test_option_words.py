"""What is wrong with an option is told in Persian, each in words of its own."""

from __future__ import annotations

from typing import Any

import pytest
from marshmallow import ValidationError

from app.services.sending import option_words
from connectors import registry

WRONG: list[tuple[str, dict[str, Any], str]] = [
    ("email", {"host": "a b", "sender": "x@example.org"}, "host"),
    ("email", {"host": "h", "sender": "x"}, "sender"),
    ("email", {"host": "h", "sender": "x@example.org", "dkim_selector": "-"}, "dkim_selector"),
    ("sms-http", {"preset": "twilio"}, "user"),
    ("sms-http", {"preset": "smsir", "key": "k", "price": "cheap"}, "price"),
    ("sms-http", {"preset": "generic", "url": "nowhere"}, "url"),
    ("sms-http", {"preset": "generic", "url": "https://a.example/{x}"}, "url"),
    ("sms-http", {"preset": "smsir", "key": "k", "fields": "nothing"}, "fields"),
    ("sms-http", {"preset": "smsir", "key": "k", "id_at": "a..b"}, "id_at"),
    ("sms-http", {"preset": "smsir", "key": "k", "keywords": "nothing"}, "keywords"),
    ("sms-http", {"preset": "smsir", "key": "k", "service": "a b"}, "service"),
    ("sms-http", {"preset": "smsir", "key": "k", "hook_secret": "short"}, "hook_secret"),
    ("http", {"base_url": "https://a.example/?q=1"}, "base_url"),
    ("http", {"base_url": "ftp://a.example"}, "base_url"),
    ("http", {"base_url": "https://a.example", "auth": "basic"}, "user"),
    ("http", {"base_url": "https://a.example", "private_partners": ["home"]}, "private_partners"),
    ("http", {"base_url": "https://a.example", "trust": "nobody"}, "trust"),
    ("webhook", {"secrets": "whsec_x"}, "secrets"),
    ("webhook", {"key_field": "a b"}, "key_field"),
    ("smpp", {"host": "a b"}, "host"),
    ("imap", {"host": "h", "user": "u", "address": "u@example.org"}, "password"),
]


@pytest.mark.parametrize(("kind", "options", "name"), WRONG)
def test_a_refusal_says_in_persian_what_to_write(
    kind: str, options: dict[str, Any], name: str
) -> None:
    connector = registry.find(kind)
    assert connector is not None
    with pytest.raises(ValidationError) as refused:
        connector.Options().load(options)
    told = option_words.texts(refused.value.messages_dict[name], "fa")
    assert told
    assert option_words.ELSE not in told
    assert option_words.texts(refused.value.messages_dict[name], "en") != told


def test_a_sentence_that_quotes_persian_is_no_persian_sentence() -> None:
    said = "not a network with a port, as 10.1.0.0/16:8443: خانه"
    assert option_words.texts(said, "fa")[0].startswith("«خانه» نشانی شبکه")
    assert option_words.texts("این درست نیست.", "fa") == ["این درست نیست."]


def test_numbers_are_persian_and_what_was_typed_stays() -> None:
    said = "not a network with a port, as 10.1.0.0/16:8443: 10.1"
    assert "۱۰۰" in option_words.texts("Longer than maximum length 100.", "fa")[0]
    assert "10.1.0.0/16:8443" in option_words.texts(said, "fa")[0]
