"""The workers of one function: started when a call needs one, kept warm, replaced when they fail or the code changes.

A handler's fault is a `Reply`; only a function that cannot be started at all raises.
"""

import asyncio
import uuid

from everwarm.errors import FunctionError
from everwarm.lambdas.functions import Function
from everwarm.lambdas.runtime.environment import ANY, Credentials
from everwarm.lambdas.runtime.output import Log
from everwarm.lambdas.runtime.replies import Call, Reply
from everwarm.lambdas.runtime.worker import Worker, WorkerGone

DEFAULT_CONCURRENCY = 10


class FunctionPool:
    """Runs one function, up to `concurrency` calls at a time."""

    def __init__(
        self,
        function: Function,
        *,
        endpoint_url: str,
        log: Log,
        concurrency: int = DEFAULT_CONCURRENCY,
        credentials: Credentials = ANY,
    ) -> None:
        """
        Args:
            endpoint_url: the local engine's, for the handler's AWS clients.
            log: gets every line of output: function name, request id or None, text.
            concurrency: calls at a time; one more waits for its turn.
            credentials: for those clients.
        """
        self._function = function
        self._endpoint_url = endpoint_url
        self._credentials = credentials
        self._log = log
        self._turns = asyncio.Semaphore(concurrency)
        self._idle: list[Worker] = []
        self._busy: set[Worker] = set()
        self._ending: set[asyncio.Task[None]] = set()
        self._stopped = False

    @property
    def function(self) -> Function:
        """What new workers run."""
        return self._function

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
        async with self._turns:
            while True:
                worker = self._idle.pop() if self._idle else None
                try:
                    return await self._invoke_on(worker, call)
                except WorkerGone:
                    continue

    async def replace(self, function: Function) -> None:
        """The code or the settings have changed: calls from now on get new workers, those under way end on the old."""
        self._function = function
        for worker in self._busy:
            worker.retired = True
        idle, self._idle = self._idle, []
        await asyncio.gather(*(worker.stop() for worker in idle))

    async def stop(self) -> None:
        """End all workers, and the calls under way with them."""
        self._stopped = True
        workers, self._idle = [*self._idle, *self._busy], []
        await asyncio.gather(*(worker.stop() for worker in workers), *self._ending)

    async def _invoke_on(self, warm: Worker | None, call: Call) -> Reply:
        if self._stopped:
            raise FunctionError(f"function {self._function.name} has been stopped")
        worker = warm or Worker(self._function, self._endpoint_url, self._log, self._credentials)
        self._busy.add(worker)
        try:
            if warm is None:
                await worker.start()
            return await worker.invoke(call)
        finally:
            self._busy.remove(worker)
            self._give_back(worker)

    def _give_back(self, worker: Worker) -> None:
        if not (worker.retired or self._stopped):
            self._idle.append(worker)
            return
        # The reply does not wait for the cleaning up.
        ending = asyncio.create_task(worker.stop())
        self._ending.add(ending)
        ending.add_done_callback(self._ending.discard)
