"""What a mapping tells about its work: counters, and a call for every batch."""

from collections.abc import Callable
from dataclasses import dataclass

from everwarm.lambdas.mappings.batch import Record
from everwarm.lambdas.mappings.next_step import Outcome

OnBatch = Callable[[tuple[Record, ...], Outcome], None]
"""Called after every call of the function, with the records that were sent. They are done if the outcome is ok."""


@dataclass(slots=True)
class Stats:
    """Counters of one mapping since it was started.

    Attributes:
        records: records that are done.
        batches: batches that are done.
        failures: calls that failed, whether in the function or before it ran.
        retries: batches that were put back to be sent again, counted each time.
        given_up: records that were let go.
        last_error: the last failure, for a person to read.
    """

    records: int = 0
    batches: int = 0
    failures: int = 0
    retries: int = 0
    given_up: int = 0
    last_error: str | None = None
