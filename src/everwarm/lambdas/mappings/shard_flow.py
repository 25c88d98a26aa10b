"""One shard on its way to the function: plugs reader, lanes, deliveries and saver together, and ends them together.

Not here: any of the steps of that way; the package's docstring names their files.
"""

import asyncio

from everwarm.lambdas.mappings.checkpoint import Position
from everwarm.lambdas.mappings.delivery import Delivery
from everwarm.lambdas.mappings.gatherer import Gatherer
from everwarm.lambdas.mappings.intake import Intake
from everwarm.lambdas.mappings.lanes import Lane
from everwarm.lambdas.mappings.ledger import Ledger
from everwarm.lambdas.mappings.patience import until_done
from everwarm.lambdas.mappings.saver import Saver
from everwarm.lambdas.mappings.shard_reader import ShardReader
from everwarm.lambdas.mappings.tools import Tools


class ShardFlow:
    """Delivers one shard."""

    def __init__(
        self, tools: Tools, shard_id: str, reader: ShardReader, position: Position, partition_key: str
    ) -> None:
        """
        Args:
            tools: what to work with.
            shard_id: the shard.
            reader: stands at the position.
            position: where to go on.
            partition_key: the name of the table's.
        """
        settings, clock, stop = tools.mapping.settings, tools.clock, tools.stop
        self._tools = tools
        self._shard_id = shard_id
        self._reader = reader
        self._ledger = ledger = Ledger(position, settings.parallelization_factor)
        if not settings.tumbling_window_s:
            ledger.window = None
        self._saver = Saver(ledger.position, self._save, clock, stop)
        self._lanes = [Lane(number, ledger.pending(number)) for number in range(settings.parallelization_factor)]
        self._intake = Intake(
            tools.mapping.stream_arn,
            settings,
            reader,
            tools.filters,
            partition_key,
            self._lanes,
            ledger,
            self._saver,
            tools.stats,
            clock,
            stop,
        )

    @property
    def oldest_s(self) -> float | None:
        """When the oldest record that was read and is not done was made, in epoch seconds."""
        return self._ledger.oldest_s

    async def run(self) -> None:
        """Deliver the shard to its end, or until `stop` is set."""
        reading = asyncio.create_task(self._intake.run())
        lanes = [asyncio.create_task(self._work(lane)) for lane in self._lanes]
        saving = asyncio.create_task(self._saver.run())
        stopping = asyncio.create_task(self._stopped(reading))
        try:
            await _all_of({reading, *lanes}, saving)
        finally:
            for task in (reading, *lanes, saving, stopping):
                task.cancel()
            await asyncio.gather(reading, *lanes, saving, stopping, return_exceptions=True)
            await self._saver.flush()
        if not self._tools.stop.is_set() and not self._reader.gone:
            await until_done(self._finish, "saving a position", self._tools.clock, self._tools.stop)

    async def _work(self, lane: Lane) -> None:
        tools = self._tools
        gatherer = Gatherer(tools.mapping.settings, lane, self._intake, self._ledger, tools.clock, tools.stop)
        delivery = Delivery(tools, self._shard_id, lane, self._ledger, self._saver)
        while (batch := await gatherer.gather()) is not None:
            await delivery.deliver(batch)

    async def _stopped(self, reading: "asyncio.Task[None]") -> None:
        """Wake everybody when `stop` comes: what was read and not sent is dropped."""
        await self._tools.stop.wait()
        reading.cancel()
        for lane in self._lanes:
            lane.changed.set()

    async def _finish(self) -> None:
        await self._save(Position(self._reader.after, finished=True))

    async def _save(self, position: Position) -> None:
        await self._tools.checkpoints.save(self._tools.mapping.id, self._shard_id, position)


async def _all_of(tasks: "set[asyncio.Task[None]]", beside: "asyncio.Task[None]") -> None:
    """Return when all tasks have ended, be it because they were cancelled.

    Args:
        beside: goes on for as long as they do.

    Raises:
        Exception: what the first of them raised, or the one beside them.
    """
    while tasks:
        done, _ = await asyncio.wait({*tasks, beside}, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            if not task.cancelled():
                task.result()
        tasks = tasks - done
