"""One table's deletions on their way to a handler of this process: a mapping, and what keeps it on the right stream.

Not here: the way itself (`everwarm.lambdas.mappings`), how a handler is called (`called_here.py`).
"""

import asyncio

from everwarm.cache.backends.backend import Handler
from everwarm.cache.backends.called_here import invoker
from everwarm.client import Client
from everwarm.clock import Clock
from everwarm.errors import ResourceNotFoundException
from everwarm.lambdas.mappings.checkpoint import Checkpoints
from everwarm.lambdas.mappings.failed import Failures
from everwarm.lambdas.mappings.mapping import Mapping
from everwarm.lambdas.mappings.patience import first_of
from everwarm.lambdas.mappings.settings import MappingSettings
from everwarm.lambdas.mappings.worker import MappingWorker
from everwarm.log import get_logger

LOOK_AGAIN_S = 1.0
"""How soon to look for a stream again where a table has none, or has been deleted."""

MOST_CALLS = 10
"""AWS's limit for ParallelizationFactor."""

RETRIES = 3
"""The handler puts off by itself what its source cannot give: what still fails is not helped by many tries."""

REMOVALS = '{"eventName":["REMOVE"]}'

_log = get_logger(__name__)


class Serving:
    """It lives on an event loop, and is made on it.

    Attributes:
        handlers: who wants the deletions. The one that came last is called; the others wait until it has gone.
    """

    def __init__(
        self,
        table_name: str,
        client: Client,
        checkpoints: Checkpoints,
        failures: Failures,
        clock: Clock,
        *,
        concurrency: int,
    ) -> None:
        """
        Args:
            concurrency: calls of the handler at a time, in each shard.
        """
        self.handlers: list[Handler] = []
        self._table_name = table_name
        self._client = client
        self._checkpoints = checkpoints
        self._failures = failures
        self._clock = clock
        self._settings = MappingSettings(
            batch_size=100,
            maximum_retry_attempts=RETRIES,
            parallelization_factor=max(1, min(concurrency, MOST_CALLS)),
            bisect_batch_on_function_error=True,
            report_batch_item_failures=True,
            filters=(REMOVALS,),
        )
        self._stop = asyncio.Event()
        self._looked = asyncio.Event()
        self._running: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin; on return, what is deleted from now on reaches the handler, if the table has a stream."""
        if self._running is None:
            self._running = asyncio.create_task(self._run(), name=f"deletions of {self._table_name}")
        await self._looked.wait()

    async def stop(self) -> None:
        """End it: calls under way get a few seconds to finish, or their records come again at the next start."""
        self._stop.set()
        if self._running is not None:
            await asyncio.wait({self._running})

    async def _run(self) -> None:
        read_to_its_end = None
        while not self._stop.is_set():
            stream_arn = await self._stream_arn()
            if stream_arn is None or stream_arn == read_to_its_end:
                if not self._looked.is_set():
                    _log.warning("a table has no stream, so nothing refreshes by itself", table=self._table_name)
                    self._looked.set()
                await self._clock.pause(LOOK_AGAIN_S, self._stop)
                continue
            await self._serve(stream_arn)
            read_to_its_end = stream_arn

    async def _serve(self, stream_arn: str) -> None:
        """Deliver a stream, to its end or until the stop: a table that is deleted and made again has another one."""
        name = f"everwarm-cache-{self._table_name}"
        worker = MappingWorker(
            # The same after a restart, so that its position is found.
            Mapping(name, stream_arn, self._settings),
            self._client,
            self._checkpoints,
            invoker(name, lambda: self.handlers[-1]),
            self._clock,
            failures=self._failures,
        )
        worker.start()
        try:
            await worker.begun.wait()
            self._looked.set()
            await first_of(worker.ended(), _set(self._stop))
        finally:
            await worker.stop()

    async def _stream_arn(self) -> str | None:
        """The table's newest stream, be it switched off: what is in it still counts."""
        try:
            table = (await self._client.call("DescribeTable", {"TableName": self._table_name}))["Table"]
        except ResourceNotFoundException:
            return None
        arn: str | None = table.get("LatestStreamArn")
        return arn


async def _set(event: asyncio.Event) -> None:
    await event.wait()
