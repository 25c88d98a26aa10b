"""What a mapping tells about its work: counters, and a call for every batch."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from everwarm.lambdas.mappings.next_step import Outcome
from everwarm.stream_record import Record

OnBatch = Callable[[Sequence[Record], Outcome], None]
"""Called after every call of the function, with the records that were sent. They are done if the outcome is ok."""

# AWS's words for `LastProcessingResult`.
NO_RECORDS_PROCESSED = "No records processed"
OK = "OK"
FUNCTION_CALL_FAILED = "PROBLEM: Function call failed"


@dataclass(slots=True)
class Stats:
    """Counters of one mapping since its worker was made, and where it stands.

    Attributes:
        records: records that are done.
        batches: batches that are done.
        failures: calls that failed, whether in the function or before it ran.
        retries: batches that were put back to be sent again, counted each time.
        given_up: records that were let go.
        filtered_out: records that the filters passed over.
        lag_s: the age in seconds of the oldest record that was read and is not done; 0 if there is none.
        last_processing_result: how the last call ended, in AWS's words for `LastProcessingResult`.
        last_error: the last failure, for a person to read.
    """

    records: int = 0
    batches: int = 0
    failures: int = 0
    retries: int = 0
    given_up: int = 0
    filtered_out: int = 0
    lag_s: float = 0.0
    last_processing_result: str = NO_RECORDS_PROCESSED
    last_error: str | None = None
