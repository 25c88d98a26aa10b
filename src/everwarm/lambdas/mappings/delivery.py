"""Brings the batches of one lane to the function: calls it, does what `next_step` says, and keeps the books.

Not here: where batches come from (`gatherer.py`), the rules of retrying (`next_step.py`), what an answer says
(`answers.py`).
"""

import asyncio
from dataclasses import replace

from everwarm.errors import EverwarmError
from everwarm.lambdas.mappings.answers import outcome_of
from everwarm.lambdas.mappings.batch import Batch, to_event
from everwarm.lambdas.mappings.checkpoint import OpenWindow
from everwarm.lambdas.mappings.failed import FailedBatch
from everwarm.lambdas.mappings.lanes import Lane
from everwarm.lambdas.mappings.ledger import Ledger
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
from everwarm.lambdas.mappings.patience import first_of, until_done
from everwarm.lambdas.mappings.saver import Saver
from everwarm.lambdas.mappings.stats import FUNCTION_CALL_FAILED, OK
from everwarm.lambdas.mappings.tools import Tools
from everwarm.lambdas.mappings.windows import EMPTY_STATE, STATE_LIMIT_BYTES, Window, members
from everwarm.log import get_logger

_log = get_logger(__name__)

_NEVER_CALLED = Outcome(Result.NOT_STARTED)


class Delivery:
    """The way from one lane to the function."""

    def __init__(self, tools: Tools, shard_id: str, lane: Lane, ledger: Ledger, saver: Saver) -> None:
        self._tools = tools
        self._shard_id = shard_id
        self._lane = lane
        self._ledger = ledger
        self._saver = saver
        mapping = tools.mapping
        self._log = _log.bind(mapping=mapping.id, function=mapping.function_name, shard_id=shard_id)

    async def deliver(self, batch: Batch) -> None:
        """Send a batch, and whatever it is split into, until all of it is done or given up.

        When `stop` comes between two tries, what is left goes back: the position stays before it.
        """
        tools = self._tools
        todo = [batch]
        last = _NEVER_CALLED
        while todo and not tools.stop.is_set():
            tried = last is not _NEVER_CALLED or todo[0].attempts > 0
            too_old, rest = drop_expired(todo[0], tools.clock.now(), age_limit_s(tools.mapping.settings, tried=tried))
            if too_old is not None:
                if not await self._give_up(GiveUp(too_old, Condition.RECORD_AGE_EXCEEDED), last):
                    return
                todo[:1] = [rest] if rest is not None else []
                self._settle(too_old, todo)
                continue
            if not await self._may_call():
                return
            last = await self._call(todo[0])
            pause_s = await self._obey(todo, last)
            if pause_s is None:
                return
            if pause_s and not tools.stop.is_set():
                await tools.nudge.pause(pause_s, tools.clock)

    async def _obey(self, todo: list[Batch], outcome: Outcome) -> float | None:
        """Do what follows from a call with the first of these batches, and leave in the list what is still to be sent.

        Returns:
            The pause before the next call in seconds; None when `stop` came before it was done.
        """
        tools = self._tools
        sent = todo[0]
        step = next_step(sent, outcome, tools.mapping.settings, tools.clock.now(), tools.jitter())
        pause_s = 0.0
        match step:
            case Commit():
                todo[:1] = []
                done: Batch | None = sent
                tools.stats.last_processing_result = OK
                tools.stats.batches += 1
            case Retry(batches, pause_s, done):
                todo[:1] = batches
                self._failed(batches[0], outcome, pause_s)
                tools.stats.retries += 1
            case GiveUp(given_up, _, done):
                self._failed(given_up, outcome)
                if not await self._give_up(step, outcome):
                    return None
                todo[:1] = []
        again = isinstance(step, Retry)
        if sent.window is not None:
            self._carry(sent.window, outcome, ended=not again)
        if done is not None:
            tools.stats.records += len(done.records)
        # A call that did not start has used up nothing that would have to be remembered.
        self._settle(done if again else sent, todo, worth_saving=not again or outcome.result is not Result.NOT_STARTED)
        tools.on_batch(sent.records, outcome)
        return pause_s

    def _settle(self, settled: Batch | None, todo: list[Batch], *, worth_saving: bool = True) -> None:
        """Write down what is done or given up, and what is to be sent again."""
        if settled is not None:
            self._ledger.done(self._lane.number, len(settled.records))
        self._ledger.failed(self._lane.number, todo, self._lane.pending)
        if worth_saving:
            self._saver.moved()

    def _carry(self, called: Window, outcome: Outcome, *, ended: bool) -> None:
        """Carry the state of a tumbling window on, or close the window."""
        window = self._ledger.window
        if called.final and ended:
            self._ledger.window = None
        elif window is not None and not called.final and outcome.state is not None:
            too_large = len(outcome.state) > STATE_LIMIT_BYTES
            self._ledger.window = OpenWindow(window.start_s, window.end_s, outcome.state, too_large)

    async def _may_call(self) -> bool:
        """Wait while positions cannot be saved; whether `stop` has not come."""
        keeping_up, stop = self._saver.keeping_up, self._tools.stop
        if not keeping_up.is_set():
            await first_of(_set(keeping_up), _set(stop))
        return not stop.is_set()

    async def _call(self, batch: Batch) -> Outcome:
        tools = self._tools
        try:
            reply = await tools.invoke(self._event(batch))
        except EverwarmError as error:
            return Outcome(Result.NOT_STARTED, str(error))
        except Exception as error:
            # Whatever it was, the records are not done, and a bug must not stop the stream for good.
            self._log.exception("the function could not be called")
            return Outcome(Result.NOT_STARTED, repr(error))
        outcome = outcome_of(reply, batch, tools.mapping.settings)
        return replace(outcome, executed_version=reply.executed_version)

    def _event(self, batch: Batch) -> bytes:
        stream_arn = self._tools.mapping.stream_arn
        if batch.window is None:
            return to_event(batch, stream_arn)
        window = self._ledger.window
        state = EMPTY_STATE if window is None else window.state
        return to_event(batch, stream_arn, members(batch.window, state, self._shard_id, stream_arn))

    def _failed(self, batch: Batch, outcome: Outcome, retry_after_s: float | None = None) -> None:
        stats = self._tools.stats
        stats.last_processing_result = FUNCTION_CALL_FAILED
        stats.failures += 1
        stats.last_error = outcome.error
        self._log.warning(
            "a batch failed",
            result=outcome.result.value,
            error=outcome.error,
            attempts=batch.attempts,
            records=len(batch.records),
            retry_after_s=None if retry_after_s is None else round(retry_after_s, 1),
        )

    async def _give_up(self, step: GiveUp, last: Outcome) -> bool:
        """Have somebody else take over what is given up; whether that was done before `stop` came."""
        tools, batch = self._tools, step.batch
        if not batch.records:
            self._log.error("the call that ends a window was given up", attempts=batch.attempts, error=last.error)
            return True
        failed = FailedBatch(
            tools.mapping,
            self._shard_id,
            batch,
            step.condition,
            request_id=last.request_id,
            function_error=last.function_error,
            executed_version=last.executed_version,
            error=last.error,
            at=tools.clock.now(),
        )

        async def keep() -> bool:
            try:
                await tools.failures.keep(failed)
            except (EverwarmError, OSError):
                raise
            except Exception as error:
                # A bug there must not have the function called again with what is given up.
                self._log.exception("a batch that was given up could not be kept")
                raise EverwarmError(f"it could not be kept: {error!r}") from error
            return True

        if not await until_done(keep, "keeping a batch that was given up", tools.clock, tools.stop):
            return False
        self._log.error(
            "stream records given up",
            condition=step.condition.value,
            first_sequence_number=batch.first,
            last_sequence_number=batch.last,
            records=len(batch.records),
            attempts=batch.attempts,
        )
        tools.stats.given_up += len(batch.records)
        return True


async def _set(event: "asyncio.Event") -> None:
    await event.wait()
