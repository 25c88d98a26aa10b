"""Figures of one measurement, and how they are shown."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Lateness:
    """How much later than wanted things came, in milliseconds; `lost` never did."""

    count: int
    p50_ms: float
    p99_ms: float
    max_ms: float
    lost: int

    @classmethod
    def of(cls, late_s: Iterable[float], expected: int) -> "Lateness":
        """Sum up.

        Args:
            late_s: of what came, in seconds.
            expected: how many there should have been.
        """
        sorted_ms = sorted(late * 1000 for late in late_s)
        if not sorted_ms:
            nan = float("nan")
            return cls(0, nan, nan, nan, expected)
        last = len(sorted_ms) - 1
        return cls(
            len(sorted_ms),
            sorted_ms[last // 2],
            sorted_ms[min(last, last * 99 // 100)],
            sorted_ms[last],
            expected - len(sorted_ms),
        )


@dataclass(frozen=True, slots=True)
class Drain:
    """How long it took until the last of many items that were due at once had come."""

    count: int
    seconds: float
    lost: int

    @property
    def items_per_s(self) -> float:
        return self.count / self.seconds if self.seconds else 0.0


Figures = Lateness | Drain
