"""No secret in what is written down, in whatever form somebody has repeated it."""

from __future__ import annotations

import pytest

from connectors.errors import Permanent
from connectors.masking import masked, masked_failure, masked_values


def test_it_is_found_in_every_form_it_travels_in() -> None:
    secret = 'p/ss wörd"+۱'
    forms = (
        "p%2Fss%20w%C3%B6rd%22%2B%DB%B1",
        "p%2Fss+w%C3%B6rd%22%2B%DB%B1",
        secret,
        'p/ss wörd\\"+۱',
    )
    for form in (*forms, "cC9zcyB3w7ZyZCIr27E", "cC9zcyB3w7ZyZCIr27E="):
        assert masked(f"a {form} b", [secret]) == "a ••• b"


@pytest.mark.parametrize(
    "form",
    [
        r"a\/b&c<d>e'f=g+h\"i\u06f1",  # PHP
        "a\\/b&c<d>e'f=g+h\\\"i۱",  # PHP, unescaped Unicode
        r"a/b\u0026c\u003cd\u003ee'f=g+h\"i" + "۱",  # Go, Rails
        r"a/b\u0026c\u003cd\u003ee\u0027f\u003dg+h\"i" + "۱",  # Gson
        r"a/b\u0026c\u003Cd\u003Ee\u0027f=g\u002Bh\u0022i\u06F1",  # .NET
        "a/b&amp;c&lt;d&gt;e'f=g+h\"i۱",  # the text of an element
        "a/b&amp;c&lt;d&gt;e&apos;f=g+h&quot;i۱",  # an attribute
        "a/b&amp;c&lt;d&gt;e&#x27;f=g+h&quot;i۱",
        "a/b&amp;c&lt;d&gt;e&#39;f=g+h&#34;i۱",
        "a%2fb%26c%3cd%3ee%27f%3dg%2bh%22i%db%b1",
    ],
)
def test_every_language_repeats_it_in_its_own_way(form: str) -> None:
    secret = "a/b&c<d>e'f=g+h\"i۱"
    assert masked(f'{{"got": "{form}"}}', [secret]) == '{"got": "•••"}'


def test_what_was_cut_in_the_middle_of_it_shows_no_half() -> None:
    for left in range(4, 12):
        failure = Permanent("no: " + "0123456789ab"[:left])
        assert masked_failure(failure, ["0123456789ab"]).detail == "no: •••"
        assert str(failure) == "The other side refused the message for good. (no: •••)"
    assert masked_failure(Permanent("no: 012"), ["0123456789ab"]).detail == "no: 012"


def test_the_rest_is_left() -> None:
    assert masked("a word", ["", "a", "sesame"]) == "a word"
    told = masked_values({"key=sesame": ["open sesame", 1, None, {"x": "sesame"}]}, ["sesame"])
    assert told == {"key=•••": ["open •••", 1, None, {"x": "•••"}]}
