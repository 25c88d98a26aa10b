"""Brings one shard's batches to the function: calls it, does what `next_step` says, and moves the position.

Not here: where batches come from (`gatherer.py`), the rules of retrying (`next_step.py`).
"""

import asyncio
from collections.abc import Callable

import orjson
import structlog

from everwarm.clock import Clock
from everwarm.errors import EverwarmError
from everwarm.lambdas.mappings.batch import Batch, to_event
from everwarm.lambdas.mappings.checkpoint import Checkpoints, Position
from everwarm.lambdas.mappings.failed import FailedBatch, Failures
from everwarm.lambdas.mappings.mapping import Mapping
from everwarm.lambdas.mappings.next_step import (
    Commit,
    Condition,
    GiveUp,
    Outcome,
    Result,
    Retry,
    age_limit_s,
    drop_expired,
    next_step,
)
from everwarm.lambdas.mappings.patience import until_done
from everwarm.lambdas.mappings.stats import FUNCTION_CALL_FAILED, OK, OnBatch, Stats
from everwarm.lambdas.runtime.replies import Invoke, Reply

_log = structlog.get_logger(__name__)


class Delivery:
    """The way from one shard to the function."""

    def __init__(
        self,
        mapping: Mapping,
        shard_id: str,
        invoke: Invoke,
        checkpoints: Checkpoints,
        failures: Failures,
        clock: Clock,
        stop: asyncio.Event,
        stats: Stats,
        on_batch: OnBatch,
        jitter: Callable[[], float],
    ) -> None:
        self._mapping = mapping
        self._shard_id = shard_id
        self._invoke = invoke
        self._checkpoints = checkpoints
        self._failures = failures
        self._clock = clock
        self._stop = stop
        self._stats = stats
        self._on_batch = on_batch
        self._jitter = jitter
        self._log = _log.bind(mapping=mapping.id, function=mapping.function_name, shard_id=shard_id)

    async def deliver(self, batch: Batch) -> None:
        """Send a batch until it is done or given up, and move the position past it.

        When `stop` comes between two tries, the batch goes back: the position stays before it.
        """
        settings = self._mapping.settings
        rest: Batch | None = batch
        outcome: Outcome | None = None
        while rest is not None and not self._stop.is_set():
            too_old, rest = drop_expired(rest, self._clock.now(), age_limit_s(settings, tried=outcome is not None))
            if too_old is not None:
                await self._give_up(GiveUp(too_old, Condition.RECORD_AGE_EXCEEDED), outcome)
            if rest is None:
                break
            outcome = await self._call(rest)
            match next_step(rest, outcome, settings, self._clock.now(), self._jitter()):
                case Commit(up_to):
                    await self.move_to(Position(up_to))
                    self._stats.last_processing_result = OK
                    self._stats.batches += 1
                    self._stats.records += len(rest.records)
                    self._on_batch(rest.records, outcome)
                    return
                case GiveUp(given_up) as step:
                    self._failed(given_up, outcome)
                    await self._give_up(step, outcome)
                    return
                case Retry(rest, after_s):
                    self._failed(rest, outcome, after_s)
                    self._stats.retries += 1
                    await self._clock.pause(after_s, self._stop)

    async def move_to(self, position: Position) -> None:
        """Remember that everything up to a position is done."""

        async def save() -> None:
            await self._checkpoints.save(self._mapping.id, self._shard_id, position)

        await until_done(save, "saving a position", self._clock, self._stop)

    async def _call(self, batch: Batch) -> Outcome:
        event = to_event(batch, self._mapping.stream_arn)
        try:
            reply = await self._invoke(event)
        except EverwarmError as error:
            return Outcome(Result.NOT_STARTED, str(error))
        except Exception as error:
            # Whatever it was, the records are not done, and a bug must not stop the stream for good.
            self._log.exception("the function could not be called")
            return Outcome(Result.NOT_STARTED, repr(error))
        if reply.function_error is not None:
            return Outcome(Result.FUNCTION_ERROR, _told(reply), reply.request_id, reply.function_error)
        return Outcome(Result.OK, request_id=reply.request_id)

    def _failed(self, batch: Batch, outcome: Outcome, retry_after_s: float | None = None) -> None:
        self._stats.last_processing_result = FUNCTION_CALL_FAILED
        self._stats.failures += 1
        self._stats.last_error = outcome.error
        self._log.warning(
            "a batch failed",
            result=outcome.result.value,
            error=outcome.error,
            attempts=batch.attempts,
            records=len(batch.records),
            retry_after_s=None if retry_after_s is None else round(retry_after_s, 1),
        )
        self._on_batch(batch.records, outcome)

    async def _give_up(self, step: GiveUp, outcome: Outcome | None) -> None:
        batch = step.batch
        self._log.error(
            "stream records given up",
            condition=step.condition.value,
            first_sequence_number=batch.first,
            last_sequence_number=batch.last,
            records=len(batch.records),
            attempts=batch.attempts,
        )
        last = outcome or Outcome(Result.NOT_STARTED)
        failed = FailedBatch(
            self._mapping,
            self._shard_id,
            batch,
            step.condition,
            request_id=last.request_id,
            function_error=last.function_error,
            error=last.error,
            at=self._clock.now(),
        )

        async def keep() -> bool:
            await self._failures.keep(failed)
            return True

        if not await until_done(keep, "keeping a batch that was given up", self._clock, self._stop):
            return  # stopped before it was safe: the position stays before it
        self._stats.given_up += len(batch.records)
        await self.move_to(Position(batch.last))


def _told(reply: Reply) -> str:
    """What a failed function says for itself: `errorType: errorMessage`, as far as it gave them."""
    try:
        answer = orjson.loads(reply.payload)
    except orjson.JSONDecodeError:
        answer = None
    told = [answer.get(name) for name in ("errorType", "errorMessage")] if isinstance(answer, dict) else []
    return ": ".join(part for part in told if isinstance(part, str)) or str(reply.function_error)
