"""A stream, a function, and a worker between them."""

from collections.abc import Sequence

from everwarm.clock import ManualClock
from everwarm.lambdas.mappings.checkpoint import MemoryCheckpoints, Position
from everwarm.lambdas.mappings.failed import FailedBatch
from everwarm.lambdas.mappings.mapping import Mapping
from everwarm.lambdas.mappings.next_step import Outcome, Result
from everwarm.lambdas.mappings.settings import MappingSettings
from everwarm.lambdas.mappings.worker import MappingWorker
from everwarm.lambdas.runtime.replies import Reply
from everwarm.stream_record import Record
from tests.unit.lambdas.mappings.fake_stream import (
    ARN,
    SHARD,
    FakeFunction,
    FakeStream,
    places,
    settle,
)


class House:
    """A stream, a function, and what survives a restart of the worker between them."""

    def __init__(self, *answers: Reply | Exception) -> None:
        self.clock = ManualClock()
        self.stream = FakeStream(self.clock)
        self.function = FakeFunction(*answers)
        self.checkpoints = MemoryCheckpoints()
        self.kept: list[FailedBatch] = []
        self.told: list[tuple[list[int], Result]] = []

    def worker(self, settings: MappingSettings | None = None, stop_grace_s: float = 5.0) -> MappingWorker:
        def on_batch(records: Sequence[Record], outcome: Outcome) -> None:
            self.told.append((places(records), outcome.result))

        return MappingWorker(
            Mapping("f", ARN, settings or MappingSettings()),
            self.stream,
            self.checkpoints,
            self.function,
            self.clock,
            failures=self,
            on_batch=on_batch,
            jitter=lambda: 1.0,
            stop_grace_s=stop_grace_s,
        )

    async def keep(self, failed: FailedBatch) -> None:
        """As `Failures.keep`."""
        self.kept.append(failed)

    def position(self, shard: str = SHARD) -> Position | None:
        return self.checkpoints.position(Mapping("f", ARN).id, shard)

    def done(self, shard: str = SHARD) -> int:
        """The place up to which, by the saved position, everything is done."""
        position = self.position(shard)
        return int(position.after) if position is not None and position.after is not None else 0

    async def advance(self, seconds: float) -> None:
        self.clock.advance(seconds)
        await settle()
