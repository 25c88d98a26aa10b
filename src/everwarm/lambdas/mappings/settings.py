"""The settings of an event source mapping, with AWS's names, ranges and defaults.

Source: CreateEventSourceMapping in the Lambda API reference. The defaults are AWS's own; those of the Serverless
Framework differ (a batch of 10) and are put in by `everwarm.serverless`.
"""

from dataclasses import dataclass
from enum import StrEnum

from everwarm.errors import MappingError


class StartingPosition(StrEnum):
    """Where a mapping that has no position yet begins to read."""

    TRIM_HORIZON = "TRIM_HORIZON"
    LATEST = "LATEST"


@dataclass(frozen=True, slots=True)
class MappingSettings:
    """How one stream's records reach one function.

    Attributes:
        starting_position: oldest record first, or only what is written from now on.
        batch_size: records to a call at the most.
        batching_window_s: how long to gather a fuller batch; 0 sends what is there.
        maximum_retry_attempts: calls after the first failed one; -1 goes on until the records expire.
        maximum_record_age_s: records older than this are let go; -1 for never.
        parallelization_factor: calls at a time for each shard; a key's records keep their order.
        bisect_batch_on_function_error: whether a batch that failed is halved before it is tried again.
        report_batch_item_failures: whether the function's answer names the records that failed.
        tumbling_window_s: the length of the windows that state is carried through; 0 has none.
        filters: patterns as JSON text; a record that matches none of them is passed over. None given lets all through.
        on_failure: the ARN of a queue, a topic or a bucket that is told of records that were given up.
        enabled: whether it reads at all.

    Raises:
        MappingError: a value out of AWS's range.
    """

    starting_position: StartingPosition = StartingPosition.TRIM_HORIZON
    batch_size: int = 100
    batching_window_s: int = 0
    maximum_retry_attempts: int = -1
    maximum_record_age_s: int = -1
    parallelization_factor: int = 1
    bisect_batch_on_function_error: bool = False
    report_batch_item_failures: bool = False
    tumbling_window_s: int = 0
    filters: tuple[str, ...] = ()
    on_failure: str | None = None
    enabled: bool = True

    def __post_init__(self) -> None:
        _in_range("BatchSize", self.batch_size, 1, 10_000)
        _in_range("MaximumBatchingWindowInSeconds", self.batching_window_s, 0, 300)
        _in_range("MaximumRetryAttempts", self.maximum_retry_attempts, -1, 10_000)
        _in_range("ParallelizationFactor", self.parallelization_factor, 1, 10)
        _in_range("TumblingWindowInSeconds", self.tumbling_window_s, 0, 900)
        if self.maximum_record_age_s != -1:
            _in_range("MaximumRecordAgeInSeconds", self.maximum_record_age_s, 60, 604_800, or_else=" or -1")
        if self.tumbling_window_s and self.parallelization_factor > 1:
            # One state is carried through a shard's windows, so its batches go one after the other. AWS refuses it too.
            raise MappingError("with TumblingWindowInSeconds set, ParallelizationFactor has to be 1")


def _in_range(name: str, value: int, low: int, high: int, or_else: str = "") -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise MappingError(f"{name} is {value!r}; it has to be a whole number from {low:,} to {high:,}{or_else}")
