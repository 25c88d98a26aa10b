"""Sequence numbers: the form that AWS gives them, and the moment within."""

import pytest

from everwarm.dynamodb.streams.sequence import (
    MOMENT_BITS,
    Sequences,
    first_at,
    moment_ms,
    sequence_number,
    sequence_text,
)

NOW = 1_700_000_000.0


@pytest.mark.parametrize("text", ["", "1", "9" * 20, "-" + "1" * 21, "x" * 21, "٣" * 21, "9" * 40])
def test_what_is_no_sequence_number(text: str) -> None:
    assert sequence_number(text) is None


def test_sequence_text_round_trips() -> None:
    assert [sequence_number(sequence_text(number)) for number in (0, 1, 2**62)] == [0, 1, 2**62]


# "Strictly rising": the clock may stand, jump, go back.
def test_numbers_rise_whatever_the_clock_does() -> None:
    sequences = Sequences(0)
    moments = [NOW, NOW, NOW, NOW + 1, NOW - 3600, NOW - 3600, NOW + 2, 0.0]
    numbers = [sequences.next(moment) for moment in moments]
    assert numbers == sorted(set(numbers))
    assert numbers[-1] == sequences.last


def test_a_number_holds_its_moment() -> None:
    sequences = Sequences(0)
    first, second, later = sequences.next(NOW), sequences.next(NOW), sequences.next(NOW + 0.5)
    assert [moment_ms(number) for number in (first, second, later)] == [1_700_000_000_000] * 2 + [1_700_000_000_500]
    assert first_at(NOW) == first
    assert second < first_at(NOW + 0.001) <= later


# So many writes in a millisecond borrow from the next one, and never overtake the clock for long.
def test_a_millisecond_that_is_full() -> None:
    sequences = Sequences((1_700_000_000_001 << MOMENT_BITS) - 1)
    borrowed = sequences.next(NOW)
    assert moment_ms(borrowed) == 1_700_000_000_001
    assert sequences.next(NOW + 0.001) == borrowed + 1


def test_nothing_is_older_than_the_epoch() -> None:
    assert first_at(-5.0) == 0
