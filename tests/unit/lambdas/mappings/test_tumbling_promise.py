"""Tumbling windows whatever the function does, and wherever the process dies: every record is in one total."""

import asyncio
from collections import defaultdict

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from everwarm.lambdas.mappings.mapping import Mapping
from everwarm.lambdas.mappings.settings import MappingSettings
from everwarm.lambdas.mappings.worker import MappingWorker
from everwarm.lambdas.runtime.replies import Reply
from tests.unit.lambdas.mappings.fake_stream import ARN, ERROR, FakeStream, Running, settle
from tests.unit.lambdas.mappings.house import House

WINDOW_S = 60

how = st.builds(
    MappingSettings,
    batch_size=st.integers(1, 5),
    batching_window_s=st.sampled_from([0, 0, 7]),
    bisect_batch_on_function_error=st.booleans(),
    tumbling_window_s=st.just(WINDOW_S),
)
# Write so many records, or let so many seconds pass, or stop and start again.
moves = st.lists(st.one_of(st.integers(1, 7), st.sampled_from([-1, -20, -45, -130]), st.none()), max_size=14)
plans = st.lists(st.booleans(), max_size=8)


class Totals:
    """A function that counts the records of a window, and fails now and then."""

    def __init__(self, plan: list[bool]) -> None:
        self.plan = plan
        self.totals: dict[str, list[int]] = defaultdict(list)

    async def __call__(self, event: bytes) -> Reply:
        told = orjson.loads(event)
        starts = {int(record["dynamodb"]["ApproximateCreationDateTime"]) // WINDOW_S for record in told["Records"]}
        assert len(starts) <= 1
        if self.plan and self.plan.pop(0):
            return ERROR
        total = told["state"].get("total", 0) + len(told["Records"])
        if told["isFinalInvokeForWindow"]:
            self.totals[told["window"]["start"]].append(total)
        return Reply(orjson.dumps({"state": {"total": total}}), None, "request")


@settings(max_examples=60, deadline=None)
@given(how, moves, plans)
def test_each_record_is_counted_once_in_its_window(
    how: MappingSettings, moves: list[int | None], plan: list[bool]
) -> None:
    async def scenario() -> None:
        house, function = House(), Totals(plan)
        written: dict[int, int] = defaultdict(int)

        async def run(stream: FakeStream, moves: list[int]) -> None:
            worker = MappingWorker(
                Mapping("f", ARN, how), stream, house.checkpoints, function, house.clock, jitter=lambda: 1.0
            )
            async with Running(worker.run):
                for move in moves:
                    if move > 0:
                        stream.put(move)
                        written[int(house.clock.now()) // WINDOW_S] += move
                        await settle()
                    else:
                        await house.advance(-move)

        part: list[int] = []
        for move in [*moves, *[-200] * 12, None]:  # as many pauses as there may be failures
            if move is None:
                await run(house.stream, part)
                part = []
            else:
                part.append(move)
        assert sorted(map(sum, function.totals.values())) == sorted(written.values())
        assert all(len(totals) == 1 for totals in function.totals.values()), "a window has one final call"

    asyncio.run(scenario())
