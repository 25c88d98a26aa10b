"""The workers of one function: started when a call needs one, kept warm, replaced when they fail or the code changes.

A handler's fault is a `Reply`; only a call that did not take place raises. How many processes there may be over all
functions, and who gives way to whom: `machine.py`.
"""

import asyncio
import dataclasses
import uuid

from everwarm.clock import monotonic
from everwarm.errors import FunctionError, Throttled
from everwarm.lambdas.functions import Function
from everwarm.lambdas.runtime.call_log import NOT_STARTED
from everwarm.lambdas.runtime.counters import Counters
from everwarm.lambdas.runtime.environment import ANY, Credentials
from everwarm.lambdas.runtime.machine import Machine
from everwarm.lambdas.runtime.output import Log
from everwarm.lambdas.runtime.replies import Call, Reply
from everwarm.lambdas.runtime.turns import Turns
from everwarm.lambdas.runtime.worker import Worker, WorkerGone

DEFAULT_CONCURRENCY = 10
"""Calls at a time of a function that has no reserved concurrency."""

# Direct calls only: a mapping has one batch of each shard and lane under way, so it cannot have many that wait.
MOST_WAITING = 1000
MOST_WAITING_BYTES = 256 * 1024 * 1024

IDLE_S = 300.0
"""How long a process is kept that nobody calls."""

# The first start that fails may be followed by another at once; after that, each pause is twice the last.
FIRST_PAUSE_S = 0.05
LONGEST_PAUSE_S = 1.0

RESERVED = "ReservedFunctionConcurrentInvocationLimitExceeded"
UNRESERVED = "ConcurrentInvocationLimitExceeded"
"""AWS's reasons for a TooManyRequestsException."""


class FunctionPool:
    """Runs one function, a limited number of calls at a time.

    Attributes:
        counters: what its calls have come to.
    """

    def __init__(
        self,
        function: Function,
        *,
        endpoint_url: str,
        log: Log,
        machine: Machine | None = None,
        concurrency: int = DEFAULT_CONCURRENCY,
        credentials: Credentials = ANY,
    ) -> None:
        """
        Args:
            endpoint_url: the local engine's, for the handler's AWS clients.
            log: gets every line of output: function name, request id or None, text.
            machine: shared with other pools; one of its own unless given.
            concurrency: calls at a time, of a function that has no reserved concurrency.
            credentials: for those clients.
        """
        self.counters = Counters()
        self._function = function
        self._endpoint_url = endpoint_url
        self._credentials = credentials
        self._log = log
        self._own_machine = machine is None
        self._machine = machine or Machine()
        self._concurrency = concurrency
        self._turns = Turns(self._limit())
        self._waiting_bytes = 0
        self._idle: list[Worker] = []  # the longest idle first
        self._busy: set[Worker] = set()
        self._places: set[Worker] = set()
        self._ending: set[asyncio.Task[None]] = set()
        self._retiring: asyncio.Task[None] | None = None
        self._pause = _Pause()
        self._stopped = False

    @property
    def function(self) -> Function:
        """What new workers run."""
        return self._function

    @property
    def workers_alive(self) -> int:
        """How many processes there are, those that are just ending included."""
        return len(self._places)

    @property
    def calls_waiting(self) -> int:
        """How many wait for theirs."""
        return self._turns.waiting

    @property
    def idle_since(self) -> float | None:
        """Since when the longest idle process is idle, by the machine's `elapsed()`; None if all are busy."""
        return self._idle[0].idle_since if self._idle else None

    async def invoke(
        self, event: bytes, *, request_id: str | None = None, wait: bool = True, client_context: str | None = None
    ) -> Reply:
        """Run the handler once.

        Args:
            event: JSON.
            request_id: the call's; a new one unless given.
            wait: for its turn, however long that takes. Else the call is not taken if the function's reserved
                concurrency is used up, or too many wait already.
            client_context: JSON, for the context object.

        Raises:
            Throttled: it was not taken.
            FunctionError: the function cannot be started at all, or has been stopped.
        """
        call = Call(event, request_id or str(uuid.uuid4()), client_context)
        await self._take_turn(event, wait)
        try:
            while True:
                try:
                    reply = await self._invoke(call)
                except WorkerGone:
                    continue
                self.counters.count(reply)
                return reply
        finally:
            self._turns.give_back()

    async def replace(self, function: Function) -> None:
        """The code or the settings have changed: calls from now on get new workers, those under way end on the old.

        Where nothing but the reserved concurrency has changed, the workers stay.
        """
        before, self._function = self._function, function
        self._pause = _Pause()
        self._turns.change(self._limit())
        if function.reserved_concurrency == 0:
            self._turns.refuse(self._throttled())
        if function != before == dataclasses.replace(function, reserved_concurrency=before.reserved_concurrency):
            return
        for worker in self._busy:
            worker.retired = True
        idle, self._idle = self._idle, []
        await asyncio.gather(*(self._end(worker) for worker in idle))

    async def stop(self) -> None:
        """End all workers, and the calls under way with them."""
        self._stopped = True
        if self._retiring is not None:
            self._retiring.cancel()
        workers, self._idle = [*self._idle, *self._busy], []
        await asyncio.gather(*(self._end(worker) for worker in workers), *self._ending)
        if self._own_machine:
            await self._machine.stop()

    def end_idle(self) -> None:
        """Others need the place of the process that has been idle for longest."""
        if self._idle:
            self._end(self._idle.pop(0))

    def _limit(self) -> int:
        reserved = self._function.reserved_concurrency
        return self._concurrency if reserved is None else reserved

    async def _take_turn(self, event: bytes, wait: bool) -> None:
        reserved = self._function.reserved_concurrency
        too_many = self._turns.full and (
            reserved is not None
            or self._turns.waiting >= MOST_WAITING
            or self._waiting_bytes + len(event) > MOST_WAITING_BYTES
        )
        if reserved == 0 or (too_many and not wait):
            self.counters.throttles += 1
            raise self._throttled()
        self._waiting_bytes += len(event)
        try:
            await self._turns.take()
        except Throttled:
            self.counters.throttles += 1
            raise
        finally:
            self._waiting_bytes -= len(event)

    def _throttled(self) -> Throttled:
        function = self._function
        if function.reserved_concurrency is None:
            problem = f"too many calls of function {function.name} wait for their turn"
            return Throttled(problem, UNRESERVED)
        problem = f"function {function.name} runs as often at a time as its reserved concurrency lets it"
        return Throttled(f"{problem}: {function.reserved_concurrency}", RESERVED)

    async def _invoke(self, call: Call) -> Reply:
        worker = await self._worker()
        new = not worker.ready
        self._busy.add(worker)
        try:
            if new:
                await worker.start()
            return await worker.invoke(call)
        except FunctionError as err:
            # No process, so no output: who looks into the log finds the reason all the same.
            self._log(self._function.name, None, f"{NOT_STARTED} {err}")
            raise
        finally:
            self._busy.remove(worker)
            if new and worker.forked:
                self._pause.started(worker.ready)
            self._give_back(worker)

    async def _worker(self) -> Worker:
        """One that is warm, or a new one that has not been started."""
        self._check_running()
        while not self._idle:
            if (pause_s := self._pause.reserve()) > 0:
                await asyncio.sleep(pause_s)
            if await self._machine.room.enter(self):
                break
        else:
            return self._idle.pop()
        if self._stopped:
            self._machine.room.leave(self)
        self._check_running()
        worker = Worker(self._function, self._endpoint_url, self._log, self._credentials, self._machine.watch)
        self._places.add(worker)
        self.counters.workers = len(self._places)
        return worker

    def _check_running(self) -> None:
        if self._stopped:
            raise FunctionError(f"function {self._function.name} has been stopped")

    def _give_back(self, worker: Worker) -> None:
        if worker.retired or self._stopped:
            self._end(worker)  # the reply does not wait for the cleaning up
            return
        worker.idle_since = self._machine.clock.elapsed()
        self._idle.append(worker)
        if self._machine.room.must_go(self):
            self.end_idle()
        elif self._retiring is None:
            self._retiring = asyncio.create_task(self._retire_idle(), name=f"idle workers of {self._function.name}")

    def _end(self, worker: Worker) -> "asyncio.Task[None]":
        ending = asyncio.create_task(self._ended(worker))
        self._ending.add(ending)
        ending.add_done_callback(self._ending.discard)
        return ending

    async def _ended(self, worker: Worker) -> None:
        try:
            await worker.stop()
        finally:
            if worker in self._places:
                self._places.remove(worker)
                self.counters.workers = len(self._places)
                self._machine.room.leave(self)

    async def _retire_idle(self) -> None:
        clock = self._machine.clock
        while (since := self.idle_since) is not None:
            if (left_s := since + IDLE_S - clock.elapsed()) <= 0:
                self.end_idle()
            else:
                await clock.pause(left_s)
        self._retiring = None


class _Pause:
    """How long to wait before the next start, when starts fail: a broken function must not fork in a hot loop.

    In real time, as it is the machine that is spared.
    """

    def __init__(self) -> None:
        self._failures = 0
        self._next = 0.0

    def started(self, ready: bool) -> None:
        """A process was started, and came as far as having loaded the handler, or not."""
        self._failures = 0 if ready else self._failures + 1

    def reserve(self) -> float:
        """Seconds to wait before a start; the one after it waits longer."""
        if self._failures < 2:
            return 0.0
        now = monotonic()
        pause_s = min(FIRST_PAUSE_S * 2 ** min(self._failures - 2, 10), LONGEST_PAUSE_S)
        self._next = max(self._next, now) + pause_s
        return self._next - now
