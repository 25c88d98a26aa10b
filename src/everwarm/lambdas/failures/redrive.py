"""Redriving: the function is called once more with the records of a failure, and what it has done is kept no longer.

The event is the one that the mapping would send, but for a tumbling window's state, which is gone. There is one call
and no retry: whoever redrives sees how it went.
"""

from dataclasses import dataclass
from typing import Protocol

from everwarm.errors import ControlError, EverwarmError
from everwarm.lambdas.failures.kept import Kept
from everwarm.lambdas.failures.store import FailureStore
from everwarm.lambdas.mappings.answers import outcome_of
from everwarm.lambdas.mappings.batch import Batch, to_event
from everwarm.lambdas.mappings.next_step import Outcome, Result
from everwarm.lambdas.mappings.settings import MappingSettings
from everwarm.lambdas.runtime.replies import Reply


class Call(Protocol):
    """Calls a function, or a version of it. What it raises happened before the function ran."""

    async def __call__(self, name: str, event: bytes, *, qualifier: str | None) -> Reply: ...


@dataclass(frozen=True, slots=True)
class Redriven:
    """How a redrive went.

    Attributes:
        id: the failure's.
        done: records that the function has done, and that are kept no longer.
        left: records that are kept on.
        error: why, for a person to read.
    """

    id: int
    done: int
    left: int
    error: str | None


class Redriver:
    """Redrives the failures of a store."""

    def __init__(self, store: FailureStore, call: Call) -> None:
        self._store = store
        self._call = call
        self._under_way: set[int] = set()

    async def redrive(self, failure_id: int) -> Redriven:
        """Call the function with a failure's records.

        Raises:
            FailureNotFound: there is no such failure.
            ControlError: somebody else is doing it now.
        """
        kept, records = self._store.get(failure_id), self._store.records(failure_id)
        if failure_id in self._under_way:
            raise ControlError(f"failure {failure_id} is being redriven already")
        self._under_way.add(failure_id)
        try:
            outcome = await self._outcome(kept, Batch(records))
            done = {Result.OK: len(records), Result.PARTIAL: outcome.failed_from}.get(outcome.result, 0)
            started = outcome.result is not Result.NOT_STARTED
            rest = await self._store.settle(failure_id, done, outcome.error, called=started)
            return Redriven(failure_id, done, 0 if rest is None else rest.records, outcome.error)
        finally:
            self._under_way.remove(failure_id)

    async def _outcome(self, kept: Kept, batch: Batch) -> Outcome:
        try:
            reply = await self._call(kept.function_name, to_event(batch, kept.stream_arn), qualifier=kept.qualifier)
        except EverwarmError as error:
            return Outcome(Result.NOT_STARTED, str(error))
        return outcome_of(reply, batch, MappingSettings(report_batch_item_failures=kept.partial))
