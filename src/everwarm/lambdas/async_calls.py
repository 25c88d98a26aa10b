"""Calls that nobody waits for, InvocationType Event: kept until they are done, tried again as AWS does it.

A function's error has two retries, after one minute and two more. What kept the function from being called, a throttle
say, is tried again after a second, then after twice that, up to five minutes, and never uses up a retry. An event that
is older than six hours is let go. PutFunctionEventInvokeConfig changes the number of retries and the age.

Source: "Asynchronous invocation" in the Lambda developer guide.
"""

import asyncio
import dataclasses
import uuid
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from everwarm.clock import Clock
from everwarm.errors import EverwarmError, ResourceNotFoundException, TooManyRequestsException
from everwarm.lambdas.async_outcomes import EVENT_AGE_EXCEEDED, RETRIES_EXHAUSTED, SUCCESS, Outcome, Outcomes
from everwarm.lambdas.registry.deployed import Deployed
from everwarm.lambdas.registry.functions import Functions
from everwarm.lambdas.registry.records import Records
from everwarm.lambdas.runtime.replies import Reply
from everwarm.log import get_logger

MAX_RETRIES = 2
MAX_AGE_S = 21_600
PAUSES_S = (60.0, 120.0)
FIRST_THROTTLE_PAUSE_S = 1.0
LONGEST_THROTTLE_PAUSE_S = 300.0

# Each one is kept in memory, too; AWS has no published number.
MAX_WAITING = 10_000

MAX_DEPTH = 16
"""Functions that are each other's destinations would go on for ever; AWS ends that at about this number."""

STOP_GRACE_S = 5.0

_log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class AsyncCall:
    """One call.

    Attributes:
        function_name: whom.
        event: JSON.
        request_id: the same for all tries.
        taken_s: when it was taken, in epoch seconds.
        due_s: when it is to be tried next.
        attempts: tries that the function has failed at.
        not_started: tries that did not reach the function, since it last failed.
        client_context: JSON, for the context object.
        qualifier: the version or alias that was named; None where none was.
        depth: how many calls have led to it, each one the destination of the one before.
    """

    function_name: str
    event: bytes
    request_id: str
    taken_s: float
    due_s: float
    attempts: int = 0
    not_started: int = 0
    client_context: str | None = None
    qualifier: str | None = None
    depth: int = 0

    def after_function_error(self, now_s: float) -> "AsyncCall":
        """The call once the function has failed at it."""
        pause_s = PAUSES_S[min(self.attempts, len(PAUSES_S) - 1)]
        return dataclasses.replace(self, attempts=self.attempts + 1, not_started=0, due_s=now_s + pause_s)

    def after_no_start(self, now_s: float) -> "AsyncCall":
        """The call once it did not reach the function."""
        pause_s = min(FIRST_THROTTLE_PAUSE_S * 2.0 ** min(self.not_started, 20), LONGEST_THROTTLE_PAUSE_S)
        return dataclasses.replace(self, not_started=self.not_started + 1, due_s=now_s + pause_s)

    def over(self, settings: Mapping[str, Any], now_s: float) -> str | None:
        """Why it is not tried any more, in AWS's words; None if it is.

        Args:
            settings: of PutFunctionEventInvokeConfig.
        """
        if self.attempts > settings.get("MaximumRetryAttempts", MAX_RETRIES):
            return RETRIES_EXHAUSTED
        if now_s - self.taken_s > settings.get("MaximumEventAgeInSeconds", MAX_AGE_S):
            return EVENT_AGE_EXCEEDED
        return None

    def to_record(self) -> dict[str, Any]:
        """What is kept of it on the disk."""
        return {**dataclasses.asdict(self), "event": b64encode(self.event).decode()}

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> "AsyncCall":
        """What was kept on the disk."""
        return cls(**{**record, "event": b64decode(record["event"])})


class AsyncCalls:
    """Carries out such calls, each in a task of its own. All of it runs on the stack's event loop."""

    def __init__(self, records: Records, functions: Functions, outcomes: Outcomes, clock: Clock) -> None:
        """
        Args:
            records: where calls are kept until they are done.
            outcomes: tells those who want to know.
        """
        self._records = records
        self._functions = functions
        self._outcomes = outcomes
        self._clock = clock
        self._stop = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        """Go on with the calls that are left from the last run."""
        for _, record in list(self._records.all()):
            self._begin(AsyncCall.from_record(record))

    async def take(
        self,
        function_name: str,
        event: bytes,
        request_id: str,
        *,
        client_context: str | None = None,
        qualifier: str | None = None,
        depth: int = 0,
    ) -> None:
        """Take a call over. It is durable on return.

        Args:
            qualifier: a version's number or an alias.
            depth: how many calls have led to it.

        Raises:
            TooManyRequestsException: too many wait already.
        """
        if len(self._tasks) >= MAX_WAITING:
            raise TooManyRequestsException("Rate Exceeded.", Reason="CallerRateLimitExceeded")
        now = self._clock.now()
        call = AsyncCall(
            function_name,
            event,
            request_id,
            now,
            now,
            client_context=client_context,
            qualifier=qualifier,
            depth=depth,
        )
        await self._records.put(request_id, call.to_record())
        self._begin(call)

    async def stop(self) -> None:
        """End: calls under way get a few seconds to finish; what is not done goes on at the next start."""
        self._stop.set()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=STOP_GRACE_S)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _begin(self, call: AsyncCall) -> None:
        task = asyncio.create_task(self._carry_out(call), name=f"asynchronous call {call.request_id}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _carry_out(self, call: AsyncCall) -> None:
        log = _log.bind(function=call.function_name, request_id=call.request_id)
        try:
            while True:
                # A clock that is put back, also while nothing runs, must not make a retry wait for longer.
                pause_s = min(call.due_s - self._clock.now(), LONGEST_THROTTLE_PAUSE_S)
                await self._clock.pause(pause_s, self._stop)
                if self._stop.is_set():
                    return
                deployed = self._deployed(call)
                if deployed is None:
                    log.error("an asynchronous call was given up: its function is gone")
                    break
                condition, reply, call = await self._try(call, deployed)
                if condition is None:
                    log.warning("an asynchronous call failed", attempts=call.attempts, again_at=call.due_s)
                    await self._records.put(call.request_id, call.to_record())
                    continue
                if condition != SUCCESS:
                    log.error("an asynchronous call was given up", condition=condition, attempts=call.attempts)
                outcome = Outcome(
                    condition, call.event, call.request_id, call.attempts, reply, qualifier=call.qualifier
                )
                await self._outcomes.tell(outcome, deployed, partial(self._call_on, call.depth + 1))
                break
            await self._records.delete(call.request_id)
        except EverwarmError as err:
            # The store is closed or broken; what was not put away is tried again at the next start.
            log.warning("an asynchronous call waits for the next start", error=str(err))
        except Exception:
            log.exception("an asynchronous call could not be carried out")

    async def _try(self, call: AsyncCall, deployed: Deployed) -> tuple[str | None, Reply | None, AsyncCall]:
        """Call once.

        Returns:
            Why there is nothing more to come, None if there is; the reply, if there was one; what the call has become.
        """
        settings = deployed.event_invoke or {}
        if (over := call.over(settings, self._clock.now())) is not None:
            return over, None, call
        try:
            reply = await self._functions.invoke(
                call.function_name,
                call.event,
                qualifier=call.qualifier,
                request_id=call.request_id,
                client_context=call.client_context,
            )
        except EverwarmError:
            call = call.after_no_start(self._clock.now())
            return call.over(settings, self._clock.now()), None, call
        if reply.function_error is None:
            return SUCCESS, reply, dataclasses.replace(call, attempts=call.attempts + 1)
        call = call.after_function_error(self._clock.now())
        return call.over(settings, self._clock.now()), reply, call

    async def _call_on(self, depth: int, function_arn: str, event: bytes) -> None:
        """Have a function called that is another one's destination."""
        if depth >= MAX_DEPTH:
            raise EverwarmError(f"{MAX_DEPTH} calls have led to it, each the destination of the one before")
        name, _, qualifier = function_arn.split(":", 6)[6].partition(":")
        self._functions.find(name)
        await self.take(name, event, str(uuid.uuid4()), qualifier=qualifier or None, depth=depth)

    def _deployed(self, call: AsyncCall) -> Deployed | None:
        """None if the function is gone."""
        try:
            return self._functions.find(call.function_name)
        except ResourceNotFoundException:
            return None
