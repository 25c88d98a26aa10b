"""What the sweeper has done since it was made: plain figures, for whoever shows them."""

import math
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass, field

LATENESS_BOUNDS_S = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 60.0, 3600.0, math.inf)
"""The upper bounds of the buckets of `SweepStats.lateness_s`, each included in its bucket."""


@dataclass(slots=True)
class SweepStats:
    """Deletions, and how long after their TTL they were on the disk. Written by one thread, read by any.

    An item whose TTL was over when it was written counts from its TTL all the same.

    Attributes:
        deleted: how many items; on AWS the metric `TimeToLiveDeletedItemCount`.
        lateness_s: how many deletions were that late, by the buckets' upper bounds. Each counts in one bucket.
        lateness_sum_s: all latenesses together.
    """

    deleted: int = 0
    lateness_s: dict[float, int] = field(default_factory=lambda: dict.fromkeys(LATENESS_BOUNDS_S, 0))
    lateness_sum_s: float = 0.0

    def count(self, due_at: Iterable[float], now: float) -> None:
        """Add deletions that are on the disk now.

        Args:
            due_at, now: epoch seconds.
        """
        for due in due_at:
            late_s = max(0.0, now - due)
            self.deleted += 1
            self.lateness_s[LATENESS_BOUNDS_S[bisect_left(LATENESS_BOUNDS_S, late_s)]] += 1
            self.lateness_sum_s += late_s
