"""Odd web addresses are refused, and what is let in cannot be led elsewhere."""

from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from urllib3.util import parse_url

from connectors.urls import BadUrl, Url, add_path, read_url

BASE = read_url("https://partner.test:8443/api/v1/")


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("http://partner.test", "http://partner.test/"),
        ("HTTPS://Partner.Test:443/a?b=c", "https://partner.test/a?b=c"),
        ("https://partner.test:8443/", "https://partner.test:8443/"),
        ("http://partner.test./x", "http://partner.test/x"),
        ("http://my_service:80/", "http://my_service/"),
        ("http://[2606:4700:0::1111]:8080/", "http://[2606:4700::1111]:8080/"),
        ("https://نمونه.ایران/راه", "https://xn--hhbbbed.xn--mgba3a4f16a/%D8%B1%D8%A7%D9%87"),
        ("http://8.8.8.8/", "http://8.8.8.8/"),
        ("http://partner.test?x=1", "http://partner.test/?x=1"),
    ],
)
def test_an_address_is_read_and_written_anew(text: str, whole: str) -> None:
    assert str(read_url(text)) == str(read_url(whole)) == whole


@pytest.mark.parametrize(
    "text",
    [
        "",
        "partner.test/x",
        "//partner.test/x",
        "file:///etc/passwd",
        "gopher://partner.test/",
        "ftp://partner.test/",
        "http://",
        "http:///x",
        "http:partner.test",
        "http:/partner.test",
        "http://user@partner.test/",
        "http://user:secret@partner.test/",
        "http://partner.test@evil.test/",
        "http://partner.test:80@evil.test/",
        "http://partner.test#@evil.test/",
        "http://partner.test/#fragment",
        "http://partner.test\\@evil.test/",
        "http://evil.test\\.partner.test/",
        "http://partner.test:0/",
        "http://partner.test:65536/",
        "http://partner.test:-1/",
        "http://partner.test:80:90/",
        "http://partner.test:۸۰/",
        "http://partner.test/a b",
        "http://partner.test/a\r\nX-Evil: 1",
        "http://partner.test/\t",
        "http://partner.test/\u2028",
        "http://part ner.test/",
        "http://partner%2etest/",
        "http://%31%32%37.0.0.1/",
        "http://2130706433/",
        "http://0x7f000001/",
        "http://0x7f.1/",
        "http://017700000001/",
        "http://0177.0.0.1/",
        "http://127.1/",
        "http://127.0.1/",
        "http://127.0.0.1.2/",
        "http://256.0.0.1/",
        "http://1.2.3.08/",
        "http://x.0x1/",
        "http://0x/",
        "http://①②⑦.0.0.1.1/",
        "http://[::1/",
        "http://::1/",
        "http://[fe80::1%25eth0]/",
        "http://[::ffff:0x7f.1]/",
        "http://[localhost]/",
        "http://-.test..x/",
        "http://" + "a" * 64 + ".test/",
        "http://partner.test/" + "a" * 5000,
        "http://partner.test/%zz",
    ],
)
def test_an_odd_address_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(BadUrl) as refusal:
        read_url(text)
    assert "secret" not in str(refusal.value) and "evil" not in str(refusal.value)


def test_digits_of_other_scripts_are_read_as_what_they_mean() -> None:
    assert read_url("http://１２７.０.０.１/").host == "127.0.0.1"


@given(st.text(max_size=60))
def test_every_text_is_read_or_refused_in_one_way(text: str) -> None:
    for candidate in (text, f"http://{text}", f"https://partner.test{text}"):
        try:
            url = read_url(candidate)
        except BadUrl:
            continue
        assert read_url(str(url)) == url
        assert _host_by_others(str(url)) == {url.host}


def _host_by_others(text: str) -> set[str | None]:
    """What two other readers take for the host."""
    theirs = parse_url(text).host or ""
    return {urlsplit(text).hostname, theirs.strip("[]")}


@given(st.text(alphabet="./%2eEfF5cC\\?#@:;ab\u2025\r\n ", max_size=30))
def test_a_path_never_leaves_its_place(path: str) -> None:
    try:
        url = add_path(BASE, path)
    except BadUrl:
        return
    assert (url.scheme, url.host, url.port) == (BASE.scheme, BASE.host, BASE.port)
    assert url.target.startswith("/api/v1") and ".." not in url.target.split("/")
    assert "?" not in url.target and "//" not in url.target


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("", "/api/v1/"),
        ("customers/12", "/api/v1/customers/12"),
        ("/customers/12/", "/api/v1/customers/12/"),
        ("مشتری/۱۲", "/api/v1/%D9%85%D8%B4%D8%AA%D8%B1%DB%8C/%DB%B1%DB%B2"),
        ("a%20b", "/api/v1/a%20b"),
        ("v1.2/x..y", "/api/v1/v1.2/x..y"),
    ],
)
def test_a_path_is_added_to_the_base(path: str, target: str) -> None:
    assert add_path(BASE, path) == Url("https", "partner.test", 8443, target)


@pytest.mark.parametrize(
    "path",
    [
        "../admin",
        "a/../../admin",
        "/..",
        "./x",
        "//evil.test/x",
        "a//b",
        "%2e%2e/admin",
        "a/%2E%2e/b",
        "a%2f..%2fb",
        "a%5c..%5cb",
        "%252e%252e/x",
        "a\\b",
        "a?admin=1",
        "a#x",
        "a%3fadmin=1",
        "a%00",
        "a%0d%0aX: 1",
        "a\r\nX: 1",
        "a b",
        "a;jsessionid=1",
        "．．/admin",
        "‥/admin",
        "a／b",
        "%",
    ],
)
def test_a_path_that_leads_elsewhere_is_refused(path: str) -> None:
    with pytest.raises(BadUrl):
        add_path(BASE, path)
