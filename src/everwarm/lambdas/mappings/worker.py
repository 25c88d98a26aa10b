"""Runs a mapping: one way from each shard to the function, parents before their children.

Not here: any of the steps of that way; the package's docstring names their files.
"""

import asyncio
import random
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from everwarm.client import Client
from everwarm.clock import Clock
from everwarm.errors import ResourceNotFoundException
from everwarm.lambdas.mappings.checkpoint import Checkpoints, Position
from everwarm.lambdas.mappings.failed import Failures, NoFailures
from everwarm.lambdas.mappings.filters import parse
from everwarm.lambdas.mappings.mapping import Mapping
from everwarm.lambdas.mappings.next_step import LONGEST_BACKOFF_S, backoff_s
from everwarm.lambdas.mappings.patience import Nudge, until_done
from everwarm.lambdas.mappings.settings import StartingPosition
from everwarm.lambdas.mappings.shard_flow import ShardFlow
from everwarm.lambdas.mappings.shard_reader import ShardReader
from everwarm.lambdas.mappings.shards import Stream, describe
from everwarm.lambdas.mappings.stats import OnBatch, Stats
from everwarm.lambdas.mappings.tools import Tools
from everwarm.lambdas.runtime.replies import Invoke
from everwarm.log import get_logger

# How soon to look again for shards where a stream has none to read: it is being created, or a child is about to come.
LOOK_AGAIN_S = 1.0

# In the place of a shard's id: the mapping has begun, so that a shard without a position is one that came later.
BEGUN = "begun"

_log = get_logger(__name__)


def _ignore(*_: object) -> None:
    """Nobody is watching."""


class MappingWorker:
    """Reads a stream and calls a function with what it reads.

    Attributes:
        begun: set once the place to read from is settled: what is written from then on is delivered, LATEST or not.
            Set as well when there is nothing to run, so that nobody waits for it in vain.
    """

    def __init__(
        self,
        mapping: Mapping,
        client: Client,
        checkpoints: Checkpoints,
        invoke: Invoke,
        clock: Clock,
        *,
        failures: Failures | None = None,
        on_batch: OnBatch = _ignore,
        jitter: Callable[[], float] = random.random,
        stop_grace_s: float = 5.0,
    ) -> None:
        """Plug a mapping together.

        Args:
            mapping: what to run.
            client: where the stream is.
            checkpoints: where positions are kept.
            invoke: calls the function.
            clock: for ages, windows and pauses.
            failures: takes the batches that are given up; without it they are only logged.
            on_batch: told of every call.
            jitter: a number from 0 to 1 by chance, for the pauses between retries.
            stop_grace_s: how long a call under way may take to finish when the worker is stopped, in real seconds.
        """
        self.mapping = mapping
        self.begun = asyncio.Event()
        self._client = client
        self._checkpoints = checkpoints
        self._invoke = invoke
        self._clock = clock
        self._failures = failures or NoFailures()
        self._on_batch = on_batch
        self._jitter = jitter
        self._stop_grace_s = stop_grace_s
        self._stats = Stats()
        self._at_latest: dict[str, ShardReader] = {}
        self._gone: set[str] = set()
        self._listed: set[str] = set()
        self._flows: dict[str, ShardFlow] = {}
        self._over = asyncio.Event()
        self._nudge = Nudge()
        self._stopping = asyncio.Event()
        self._running: asyncio.Task[None] | None = None
        self._log = _log.bind(mapping=mapping.id, function=mapping.function_name, stream_arn=mapping.stream_arn)

    @property
    def stats(self) -> Stats:
        """The counters as they are now."""
        oldest_s = [flow.oldest_s for flow in self._flows.values() if flow.oldest_s is not None]
        lag_s = max(0.0, self._clock.now() - min(oldest_s)) if oldest_s else 0.0
        return replace(self._stats, lag_s=lag_s)

    @property
    def running(self) -> bool:
        """Whether it was started and has not ended, be it by `stop` or because its stream has."""
        return self._running is not None and not self._running.done()

    def start(self) -> None:
        """Begin to work, as a task of the running event loop. `begun` is set when its place is settled."""
        if self.running:
            return
        self.begun.clear()
        self._stopping.clear()
        self._running = asyncio.create_task(self._keep_running(), name=f"mapping {self.mapping.id}")

    async def stop(self) -> None:
        """End the work: a call under way gets a few seconds to finish, or its batch goes back. Idempotent.

        The next start, of this worker or of another one of the same mapping, goes on at the saved position.
        """
        self._stopping.set()
        await self.ended()

    async def ended(self) -> None:
        """Return once it does not run, be it because of `stop` or because there is no more to come from its stream."""
        if self._running is not None:
            await asyncio.wait({self._running})

    async def change(self, mapping: Mapping, invoke: Invoke | None = None) -> None:
        """Go on with other settings, or with another function, from the same position. Started if it was running.

        Args:
            mapping: what to run from now on, with the id and the stream that it had.
            invoke: calls the function, if that is another one now.
        """
        running = self.running
        await self.stop()
        self.mapping = mapping
        self._invoke = invoke or self._invoke
        if running:
            self.start()

    def retry_now(self) -> None:
        """Send batches that have failed again at once: whatever made them fail may have been mended."""
        self._nudge()

    async def _keep_running(self) -> None:
        """A fault of ours must not let a stream stand still for good: log it, and begin again at the saved position."""
        faults = 0
        while True:
            began_at = self._clock.elapsed()
            try:
                await self.run(self._stopping)
                return
            except Exception:
                faults = faults + 1 if self._clock.elapsed() - began_at < LONGEST_BACKOFF_S else 1
                pause_s = backoff_s(faults, self._jitter())
                self._log.exception("a mapping failed by a fault of everwarm's", again_after_s=round(pause_s, 1))
            await self._clock.pause(pause_s, self._stopping)
            if self._stopping.is_set():
                return

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set, or the stream is no more. `start` and `stop` do this as a task.

        On `stop`, calls under way get a few seconds to finish; a batch that does not is delivered again by the next
        worker. An exception from here is a bug: errors of the stream and of the function are logged and retried.
        """
        if not self.mapping.settings.enabled:
            self.begun.set()
            return
        self._over = asyncio.Event()
        self._gone.clear()
        self._at_latest.clear()
        tools = self._tools()
        shards: dict[str, asyncio.Task[None]] = {}
        stopping = asyncio.create_task(stop.wait())
        try:
            while not stop.is_set() and await self._start_ready(tools, shards, stop):
                if shards:
                    await asyncio.wait({stopping, *shards.values()}, return_when=asyncio.FIRST_COMPLETED)
                else:
                    await self._clock.pause(LOOK_AGAIN_S, stop)
                for shard_id in [shard_id for shard_id, task in shards.items() if task.done()]:
                    shards.pop(shard_id).result()
        except ResourceNotFoundException:
            self._log.warning("the stream is gone, its mapping ends")
        finally:
            stopping.cancel()
            self.begun.set()
            await self._end(shards)

    async def _start_ready(self, tools: Tools, shards: dict[str, asyncio.Task[None]], stop: asyncio.Event) -> bool:
        """Start on the shards that may be read and are not; whether there is, or may come, anything to read."""
        stream = await until_done(self._describe, "describing a stream", self._clock, stop)
        if stream is None:
            return False
        if not self.begun.is_set():
            await self._begin(stream, stop)
        if stop.is_set():
            return False
        listed = {shard.id for shard in stream.shards}
        if listed != self._listed:
            # Shards leave their stream after a day; their positions would add up for ever.
            await self._forget_all_but({BEGUN, *listed}, stop)
            self._listed = listed
        finished = {shard.id for shard in stream.shards if self._position(shard.id).finished}
        for shard in stream.ready(finished | self._gone):
            if shard.id not in shards:
                shards[shard.id] = asyncio.create_task(self._work(tools, shard.id, stream.partition_key))
        if not shards and stream.disabled:
            self._log.info("the stream is turned off and read to its end, its mapping ends")
            return False
        return True

    async def _begin(self, stream: Stream, stop: asyncio.Event) -> None:
        """Settle, once in the mapping's life, where to read from."""
        if self._checkpoints.position(self.mapping.id, BEGUN) is None:
            if self.mapping.settings.starting_position is StartingPosition.LATEST:
                await self._pin_latest(stream, stop)
            if stop.is_set():
                return
            await self._save(BEGUN, Position(None), stop)
        self.begun.set()

    async def _pin_latest(self, stream: Stream, stop: asyncio.Event) -> None:
        """Remember where every shard ends now: what is written while we are down must not be skipped later."""
        now = self._clock.now()
        for shard in stream.shards:
            if self._checkpoints.position(self.mapping.id, shard.id) is not None:
                continue  # from an earlier start, which ended before every shard had its place
            reader = ShardReader(self._client, self.mapping.stream_arn, shard.id, None)
            if not shard.closed:
                await until_done(partial(reader.skip_to_latest, now), "finding a stream's end", self._clock, stop)
                if stop.is_set():
                    return
                self._at_latest[shard.id] = reader
            await self._save(shard.id, Position(reader.after, finished=shard.closed), stop)

    async def _work(self, tools: Tools, shard_id: str, partition_key: str) -> None:
        """Deliver a shard to its end, or until the worker ends."""
        position = self._position(shard_id)
        reader = self._at_latest.pop(shard_id, None)
        if reader is None:
            reader = ShardReader(self._client, self.mapping.stream_arn, shard_id, position.after)
        flow = self._flows[shard_id] = ShardFlow(tools, shard_id, reader, position, partition_key)
        try:
            await flow.run()
        finally:
            del self._flows[shard_id]
        if reader.gone:
            self._gone.add(shard_id)

    def _tools(self) -> Tools:
        return Tools(
            self.mapping,
            parse(self.mapping.settings.filters),
            self._client,
            self._checkpoints,
            self._invoke,
            self._failures,
            self._clock,
            self._over,
            self._nudge,
            self._stats,
            self._on_batch,
            self._jitter,
        )

    async def _end(self, shards: dict[str, asyncio.Task[None]]) -> None:
        self._over.set()
        self._nudge()
        if shards:
            await asyncio.wait(shards.values(), timeout=self._stop_grace_s)
        for task in shards.values():
            task.cancel()
        for ended in await asyncio.gather(*shards.values(), return_exceptions=True):
            if isinstance(ended, Exception):
                raise ended

    async def _describe(self) -> Stream:
        return await describe(self._client, self.mapping.stream_arn)

    def _position(self, shard_id: str) -> Position:
        return self._checkpoints.position(self.mapping.id, shard_id) or Position(None)

    async def _forget_all_but(self, shard_ids: set[str], stop: asyncio.Event) -> None:
        async def forget() -> None:
            await self._checkpoints.forget(self.mapping.id, but=shard_ids)

        await until_done(forget, "forgetting shards that are gone", self._clock, stop)

    async def _save(self, shard_id: str, position: Position, stop: asyncio.Event) -> None:
        async def save() -> None:
            await self._checkpoints.save(self.mapping.id, shard_id, position)

        await until_done(save, "saving a position", self._clock, stop)
