"""What our own mail server says of a sender counts; what a mail says of itself does not."""

from __future__ import annotations

import time

import pytest

from connectors.mail_proof import judge
from connectors.mail_reading import read
from tests.connectors.mails import mail

OURS = "mx.ours.example"
RESULTS = "authentication-results"


def verdict(*told: str, domain: str = "bank.example") -> str:
    return judge([(RESULTS, f"{OURS}; {one}") for one in told], OURS, domain)


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("dmarc=pass header.from=bank.example", "pass"),
        ("dmarc=pass (p=REJECT; a=b (deep)) header.from=Bank.Example", "pass"),
        ("dmarc=fail (p=none) header.from=bank.example", "fail"),
        ("dkim=pass header.d=evil.example; dmarc=fail header.from=bank.example", "fail"),
        ("dmarc=pass header.from=evil.example", "none"),
        ("dmarc=none header.from=bank.example; spf=pass smtp.mailfrom=a@bank.example", "pass"),
        ("dkim=pass header.d=bank.example header.b=abc", "pass"),
        ("dkim=pass (2048-bit key) header.i=@mail.bank.example", "pass"),
        ('dkim=pass reason="good; really" header.d=bank.example', "pass"),
        ("dkim=pass header.d=evil.example; spf=pass smtp.mailfrom=evil.example", "none"),
        ("spf=pass smtp.mailfrom=bounce@bank.example", "pass"),
        ("spf=fail smtp.mailfrom=bank.example", "fail"),
        ("spf=softfail smtp.mailfrom=bank.example; dkim=none", "none"),
        ("spf=softfail smtp.mailfrom=bank.example; dkim=fail header.d=bank.example", "fail"),
        ("spf=fail smtp.mailfrom=list.example; dkim=pass header.d=bank.example", "pass"),
        ("spf=neutral; dkim=temperror", "none"),
        # A sender may choose what stands before the @, quotation marks and all.
        (
            r'spf=pass smtp.mailfrom="a\"; dmarc=pass header.from=bank.example; "@evil.example',
            "none",
        ),
        (
            r"spf=pass (of a\); dmarc=pass header.from=bank.example; x) smtp.mailfrom=evil.example",
            "none",
        ),
        ('spf=pass smtp.mailfrom="a smtp.mailfrom=bank.example b"@evil.example', "none"),
        (r'dkim=pass reason="a \"good\" one; really" header.d=bank.example', "pass"),
        ("dkim=pass header.d=example", "none"),
        ("dkim=pass header.d=notbank.example", "none"),
        ("none", "none"),
        ("", "none"),
    ],
)
def test_a_sender_is_proved_by_alignment(told: str, expected: str) -> None:
    assert verdict(told) == expected


def test_results_of_several_methods_may_stand_in_headers_of_their_own() -> None:
    assert verdict("spf=fail smtp.mailfrom=x.example", "dkim=pass header.d=bank.example") == "pass"


def test_what_two_headers_of_our_name_say_differently_has_failed() -> None:
    """The second one came with the mail, to a server that does not take it away."""
    forged = "dmarc=pass header.from=bank.example"
    assert verdict("dmarc=fail header.from=bank.example", forged) == "fail"


@pytest.mark.parametrize(
    "name",
    ["mx.evil.example", f"{OURS}.evil.example", f"evil.{OURS}", f"(x {OURS}) evil", "mx.ours", ""],
)
def test_results_of_another_server_say_nothing(name: str) -> None:
    trace = [(RESULTS, f"{name}; dmarc=pass header.from=bank.example")]
    assert judge(trace, OURS, "bank.example") == "none"


@pytest.mark.parametrize("name", [OURS.upper(), f'"{OURS}"', f"{OURS} 1", f" {OURS} (our own)"])
def test_the_name_of_our_server_may_be_written_in_several_ways(name: str) -> None:
    trace = [(RESULTS, f"{name}; dmarc=pass header.from=bank.example")]
    assert judge(trace, OURS, "bank.example") == "pass"


def test_what_stands_below_the_border_is_a_stranger_s() -> None:
    ours = (RESULTS, f"{OURS}; dmarc=none header.from=bank.example")
    forged = (RESULTS, f"{OURS}; dkim=pass header.d=bank.example")
    border = ("received", "from evil by mx.ours.example")
    assert judge([ours, border, forged], OURS, "bank.example") == "none"
    # A hop within the house, such as LMTP, stands above the border.
    within = ("received", "from mx by store")
    assert judge([within, ours, border, forged], OURS, "bank.example") == "none"


def test_a_mail_hands_on_its_trace_from_the_top() -> None:
    raw = mail(
        "Received: from mx by store\r\n"
        f"Authentication-Results: {OURS};\r\n\tdmarc=pass header.from=bank.example\r\n"
        "Received: from out by mx\r\nAuthentication-Results: x; dmarc=fail\r\n"
        "From: a@bank.example\r\nReceived: from nowhere"
    )
    found = read(raw)
    assert [name for name, _ in found.trace] == [
        "received", RESULTS, "received", RESULTS, "received",
    ]  # fmt: skip
    assert judge(found.trace, OURS, "bank.example") == "pass"


@pytest.mark.parametrize(
    "hostile",
    ["(" * 100_000, "dkim=" * 50_000, '"' * 99_999, "; ".join(["dkim=pass header.d=a"] * 20_000),
     "\x00\ufffd=;=;", "dkim=pass header.d=" + "a." * 50_000],
)  # fmt: skip
def test_hostile_results_prove_nothing_and_cost_little(hostile: str) -> None:
    before = time.process_time()
    assert verdict(hostile) == "none"
    raw = mail("".join(f"Authentication-Results: {OURS}; {hostile[:900]}\r\n" for _ in range(500)))
    assert len(read(raw).trace) <= 50
    assert time.process_time() - before < 2
