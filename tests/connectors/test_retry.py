"""Attempts spread over a day, never in step with one another."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors import RetryPolicy, longest_wait, next_attempt, read_retry_after

NOW = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)
DRAWS = st.floats(0, 1)


def attempts(draws: list[float]) -> list[datetime]:
    """Return the moments of all attempts of one delivery that always fails."""
    moments = [NOW]
    for draw in draws:
        following = next_attempt(len(moments), NOW, moments[-1], draw)
        if following is None:
            break
        moments.append(following)
    return moments


@given(st.lists(DRAWS, min_size=20, max_size=20))
def test_ten_attempts_within_a_day_each_within_its_ceiling(draws: list[float]) -> None:
    moments = attempts(draws)
    assert len(moments) == 10
    assert moments[-1] - NOW <= timedelta(hours=24)
    for made, (one, two) in enumerate(pairwise(moments), start=1):
        assert timedelta(0) <= two - one <= longest_wait(made)


def test_the_ceiling_grows_from_five_seconds_to_six_hours() -> None:
    ceilings = [longest_wait(made) for made in range(1, 12)]
    assert ceilings[0] == timedelta(seconds=5)
    assert ceilings == sorted(ceilings)
    assert ceilings[6] == ceilings[-1] == timedelta(hours=6)
    assert longest_wait(10**9) == timedelta(hours=6)
    with pytest.raises(ValueError, match="after an attempt"):
        longest_wait(0)


@given(DRAWS, st.integers(0, 20 * 3600), st.integers(1, 9))
def test_a_wait_that_the_other_side_named_is_kept(draw: float, seconds: int, made: int) -> None:
    asked = timedelta(seconds=seconds)
    following = next_attempt(made, NOW, NOW, draw, retry_after=asked)
    assert following is not None
    assert asked <= following - NOW <= max(longest_wait(made), asked + timedelta(seconds=5))


def test_it_gives_up_after_the_last_attempt_and_beyond_the_horizon() -> None:
    assert next_attempt(10, NOW, NOW, 0.5) is None
    assert next_attempt(1, NOW, NOW, 0.5, retry_after=timedelta(hours=25)) is None
    impatient = RetryPolicy(attempts=2)
    assert next_attempt(1, NOW, NOW, 1.0, policy=impatient) == NOW + timedelta(seconds=5)
    assert next_attempt(2, NOW, NOW, 1.0, policy=impatient) is None
    with pytest.raises(ValueError, match="between 0 and 1"):
        next_attempt(1, NOW, NOW, 1.5)


@pytest.mark.parametrize(
    ("text", "wait"),
    [
        ("120", timedelta(minutes=2)),
        (" 0 ", timedelta(0)),
        ("Sat, 21 Nov 2026 20:01:00 GMT", timedelta(minutes=1)),
        ("Sat, 21 Nov 2026 19:00:00 GMT", timedelta(0)),
        ("soon", None),
        ("-5", None),
        ("۱۲", None),
        ("9" * 40, None),
        ("", None),
    ],
)
def test_retry_after_is_read_in_both_its_forms(text: str, wait: timedelta | None) -> None:
    assert read_retry_after(text, NOW) == wait
