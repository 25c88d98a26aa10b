"""What a function's calls have come to, as plain numbers; `/metrics` shows them.

Source of the meanings: https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
"""

from bisect import bisect_left
from dataclasses import dataclass, field

from everwarm.lambdas.runtime.replies import Reply

DURATION_BOUNDS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900)
"""Upper bounds of the buckets; the last bucket has none."""


@dataclass(slots=True)
class Counters:
    """Since the start, but for what there is now.

    Attributes:
        invocations: calls that were taken, whatever came of them.
        errors: those that failed, timeouts included.
        throttles: calls that were not taken. They are neither invocations nor errors.
        timeouts: calls whose time was up.
        cold_starts: calls that were the first one of a process.
        duration_s: of all calls together.
        durations: how many calls took at most as long as the bound of the same place in `DURATION_BOUNDS_S`, and longer
            than the one before.
        workers: processes that there are now.
    """

    invocations: int = 0
    errors: int = 0
    throttles: int = 0
    timeouts: int = 0
    cold_starts: int = 0
    duration_s: float = 0.0
    durations: list[int] = field(default_factory=lambda: [0] * (len(DURATION_BOUNDS_S) + 1))
    workers: int = 0

    def count(self, reply: Reply) -> None:
        """One more call."""
        self.invocations += 1
        self.errors += reply.function_error is not None
        self.timeouts += reply.timed_out
        self.cold_starts += reply.init_s is not None
        self.duration_s += reply.duration_s
        self.durations[bisect_left(DURATION_BOUNDS_S, reply.duration_s)] += 1
