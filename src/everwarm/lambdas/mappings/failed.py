"""What is left of a batch that was given up, and the door through which it leaves the mapping.

Not here: when that happens (`next_step.py`), where it goes (`everwarm.lambdas.failures`).
"""

from dataclasses import dataclass
from typing import Protocol

from everwarm.lambdas.functions import LATEST
from everwarm.lambdas.mappings.batch import Batch
from everwarm.lambdas.mappings.mapping import Mapping
from everwarm.lambdas.mappings.next_step import Condition


@dataclass(frozen=True, slots=True)
class FailedBatch:
    """A batch that will not be sent again.

    Attributes:
        mapping: whose it was.
        shard_id: where its records are, as long as the stream has them.
        batch: the records, and how often they were sent.
        condition: why it was given up.
        request_id: of the last call; of none if the function was never called with it.
        function_error: `Unhandled` if the last call failed; None if it was never called, or named the records in its
            answer.
        error: what went wrong, for a person to read.
        at: epoch seconds.
        executed_version: of the function, in the last call.
    """

    mapping: Mapping
    shard_id: str
    batch: Batch
    condition: Condition
    request_id: str | None
    function_error: str | None
    error: str | None
    at: float
    executed_version: str = LATEST


class Failures(Protocol):
    """Where given-up batches go."""

    async def keep(self, failed: FailedBatch) -> None:
        """Take it over. It is safe, or delivered, on return; only then does the mapping's position move past it.

        The same batch may come again after a crash; it must not count twice.

        Raises:
            EverwarmError: it could not be kept now; the mapping tries again.
        """
        ...


class NoFailures:
    """Keeps nothing: what the mapping writes to the log is all that stays of a batch."""

    async def keep(self, failed: FailedBatch) -> None:
        """As `Failures.keep`."""
