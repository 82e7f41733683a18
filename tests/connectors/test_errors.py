"""What failures say, in both languages."""

from connectors.errors import DeliveryFailed, LostReply, in_persian
from connectors.http_answers import Refused


def test_the_words_of_the_other_side_are_quoted_in_persian() -> None:
    refused = Refused('422 {"a": "«ب»"}')
    assert refused.text("en").endswith('(422 {"a": "«ب»"})')
    assert refused.text("fa") == f'{Refused.persian} «422 {{"a": "‹ب›"}}»'


def test_what_was_written_down_in_english_is_told_in_persian_alike() -> None:
    for failure in (LostReply("cut (at 80)"), LostReply(), Refused("404 Not Found")):
        assert in_persian(str(failure)) == failure.text("fa")
    assert in_persian("Something else.") is None
    assert DeliveryFailed().text("fa") == DeliveryFailed.persian
