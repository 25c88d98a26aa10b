"""At least once, in order, never for ever: whatever the function does, and wherever the process dies."""

import asyncio
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from everwarm.errors import EverwarmError
from everwarm.lambdas.mappings.checkpoint import MemoryCheckpoints, Position
from everwarm.lambdas.mappings.mapping import Mapping
from everwarm.lambdas.mappings.settings import MappingSettings
from everwarm.lambdas.mappings.worker import MappingWorker
from everwarm.lambdas.runtime.replies import Reply
from tests.unit.lambdas.mappings.fake_stream import (
    ARN,
    ERROR,
    OK,
    SHARD,
    FakeFunction,
    FakeStream,
    JumpingClock,
    until,
)

MAPPING_ID = Mapping("f", ARN).id

answers = st.lists(st.sampled_from([OK, ERROR, EverwarmError("no worker")]), max_size=12)
sizes = st.integers(1, 12)
retries = st.integers(-1, 3)


class Ledger(MemoryCheckpoints):
    """Knows which calls were made, how they ended, and checks every position against that."""

    def __init__(self, function: FakeFunction, maximum_retry_attempts: int, done: int = 0) -> None:
        super().__init__()
        self.function = function
        self.planned = list(function.answers)
        self.maximum_retry_attempts = maximum_retry_attempts
        self.start = done

    def finished(self) -> int:
        """Walk through the calls as AWS's rules have it: the place up to which records are done or given up."""
        done, errors = self.start, 0
        for index, sent in enumerate(self.function.sent[: self.function.ended]):
            assert sent == list(range(done + 1, done + 1 + len(sent))), "skipped, repeated or out of order"
            answer = self.planned[index] if index < len(self.planned) else OK
            if errors:
                assert sent == self.function.sent[index - 1], "a retry sends the same records"
            if answer == ERROR:
                errors += 1
            if answer == OK or 0 <= self.maximum_retry_attempts < errors:
                done, errors = sent[-1], 0
        return done

    async def save(self, mapping_id: str, shard_id: str, position: Position) -> None:
        if position.after is not None:
            assert int(position.after) <= self.finished(), "the position is ahead of the work"
        await asyncio.sleep(0)  # a crash may come before it is on disk
        await super().save(mapping_id, shard_id, position)

    def place(self) -> int:
        position = self.position(MAPPING_ID, SHARD)
        return int(position.after) if position and position.after else 0


def worker(stream: FakeStream, ledger: Ledger, clock: JumpingClock, how: MappingSettings) -> MappingWorker:
    return MappingWorker(Mapping("f", ARN, how), stream, ledger, ledger.function, clock, stop_grace_s=0)


@settings(max_examples=60)
@given(st.integers(1, 40), sizes, retries, answers)
def test_every_record_is_delivered_in_order_or_given_up(
    count: int, batch_size: int, maximum_retry_attempts: int, planned: list[Reply | Exception]
) -> None:
    async def scenario() -> None:
        clock = JumpingClock()
        stream = FakeStream(clock)
        stream.put(count)
        ledger = Ledger(FakeFunction(*planned), maximum_retry_attempts)
        how = MappingSettings(batch_size=batch_size, maximum_retry_attempts=maximum_retry_attempts)
        stop = asyncio.Event()
        running = asyncio.create_task(worker(stream, ledger, clock, how).run(stop))
        await until(lambda: ledger.place() == count)
        stop.set()
        await running
        assert ledger.finished() == count
        assert all(len(sent) <= batch_size for sent in ledger.function.sent)

    asyncio.run(scenario())


@settings(max_examples=60)
@given(st.integers(1, 25), sizes, retries, answers, st.integers(0, 250))
def test_a_crash_loses_nothing_that_was_not_done(
    count: int, batch_size: int, maximum_retry_attempts: int, planned: list[Reply | Exception], turns: int
) -> None:
    how = MappingSettings(batch_size=batch_size, maximum_retry_attempts=maximum_retry_attempts)

    async def live(ledger: Ledger, stream: FakeStream, clock: JumpingClock, turns: int | None) -> int:
        """Run for so many turns of the loop, or to the end; what is then on disk. Leaving the loop is the crash."""
        asyncio.create_task(worker(stream, ledger, clock, how).run(asyncio.Event()))  # noqa: RUF006
        if turns is None:
            await until(lambda: ledger.place() == count)
        for _ in range(turns or 0):
            await asyncio.sleep(0)
        return ledger.place()

    clock = JumpingClock()
    stream = FakeStream(clock)
    stream.put(count)
    before = Ledger(FakeFunction(*planned), maximum_retry_attempts)
    kept = asyncio.run(live(before, stream, clock, turns))
    assert kept <= before.finished()

    after = Ledger(FakeFunction(), maximum_retry_attempts, done=kept)
    after._positions = {(MAPPING_ID, SHARD): Position(str(kept).zfill(21) if kept else None)}
    asyncio.run(live(after, stream, clock, None))
    assert after.finished() == count
    delivered = [place for sent in after.function.sent for place in sent]
    assert all(second == first + 1 for first, second in pairwise([kept, *delivered]))
