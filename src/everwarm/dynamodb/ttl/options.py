"""What TTL can be asked to do as AWS does: come late, and refuse changes that follow each other too soon. Both are off
by default.
"""

from dataclasses import dataclass
from hashlib import blake2b

from everwarm.durations import duration, range_of_seconds, seconds
from everwarm.errors import SettingError

LONGEST_DELAY_S = 365 * 86400


@dataclass(frozen=True, slots=True)
class Delay:
    """How much later than its TTL an item is deleted, by chance within a range.

    The chance is worked out from the table's identity, the item's key and its due time. So it is the same after a
    restart, another for the next generation of the same key, and need not be kept anywhere.

    Attributes:
        low_ms, high_ms: the range, both included.
    """

    low_ms: int = 0
    high_ms: int = 0

    @classmethod
    def parse(cls, text: str) -> "Delay":
        """`0`, `8m`, `8m..28m` or `..48h`.

        Raises:
            SettingError: it is nothing of the kind, or longer than a year.
        """
        low_s, high_s = range_of_seconds(text)
        if high_s > LONGEST_DELAY_S:
            raise SettingError(f"{text!r} is too long: deletions can be delayed by up to 365d")
        return cls(round(low_s * 1000), round(high_s * 1000))

    def __bool__(self) -> bool:
        return self.high_ms > 0

    def __str__(self) -> str:
        low, high = duration(self.low_ms / 1000), duration(self.high_ms / 1000)
        return high if low == high else f"{low}..{high}"

    def moment_ms(self, due_ms: int, table_id: str, encoded_key: bytes) -> int:
        """When to delete an item that is due then; epoch milliseconds both."""
        if not self.high_ms:
            return due_ms
        chance = blake2b(due_ms.to_bytes(8, "big") + encoded_key, digest_size=8, key=table_id.encode()).digest()
        return due_ms + self.low_ms + (int.from_bytes(chance, "big") * (self.high_ms - self.low_ms + 1) >> 64)


NO_DELAY = Delay()


@dataclass(frozen=True, slots=True)
class TimeToLiveOptions:
    """Both together.

    Attributes:
        cool_down_s: for how long after a change of a table's TTL the next one is refused. On AWS up to an hour, about
            31 minutes where it was measured.
    """

    delay: Delay = NO_DELAY
    cool_down_s: float = 0.0

    @classmethod
    def parse(cls, delay: str = "0", cool_down: str = "0") -> "TimeToLiveOptions":
        """
        Raises:
            SettingError: one of them cannot be understood.
        """
        return cls(Delay.parse(delay), seconds(cool_down))


PROMPT = TimeToLiveOptions()
"""Neither: deletions come when they are due, and changes when they are asked for."""
