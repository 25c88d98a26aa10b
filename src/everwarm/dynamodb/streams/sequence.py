"""Sequence numbers: they rise through the whole store, and each holds the moment at which it was given.

So a record's age is read off its number, and the records older than a moment are those below a number: trimming needs
neither an index of times nor a look at the records.
"""

MOMENT_BITS = 21
"""What is below the milliseconds: two million numbers in each."""

# AWS's sequence numbers have 21 digits or more; with these in front ours sort as text, too.
_BASE = 10**20

SEQUENCE_DIGITS = 21
"""How long the text of each is."""

SEQUENCE_END = 2**63
"""Behind every sequence number there can be. The milliseconds reach it in the year 2109."""


class Sequences:
    """Gives the numbers of one store. On the writer's thread; those of a transaction that fails are not used again.

    Attributes:
        last: the last number given; every record that is there has it or a smaller one.
    """

    __slots__ = ("last",)

    def __init__(self, last: int) -> None:
        self.last = last

    def next(self, now: float) -> int:
        """The next number, given at `now`, in epoch seconds. It rises also while the clock stands or goes back."""
        number = _whole_ms(now) << MOMENT_BITS
        if number <= self.last:
            number = self.last + 1
        self.last = number
        return number


def first_at(moment: float) -> int:
    """The number below which all were given before a moment, in epoch seconds."""
    return max(0, _whole_ms(moment)) << MOMENT_BITS


def _whole_ms(moment: float) -> int:
    # A millisecond kept as a float of seconds can come back a hair too small.
    return int(moment * 1000 + 0.001)


def moment_ms(number: int) -> int:
    """When a number was given, as epoch milliseconds."""
    return number >> MOMENT_BITS


def sequence_text(number: int) -> str:
    """A sequence number as the API shows it."""
    return str(_BASE + number)


def sequence_number(text: str) -> int | None:
    """The number behind the API's text; None if it is not one of ours."""
    if not text.isascii() or not text.isdigit() or not 0 <= (number := int(text) - _BASE) < SEQUENCE_END:
        return None
    return number
