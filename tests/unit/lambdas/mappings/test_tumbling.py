"""Tumbling windows: section 8 of the reference."""

from typing import Any

import orjson
import pytest

from everwarm.errors import MappingError
from everwarm.lambdas.mappings.settings import MappingSettings
from everwarm.lambdas.mappings.windows import STATE_LIMIT_BYTES
from everwarm.lambdas.runtime.replies import Reply
from tests.unit.lambdas.mappings.fake_stream import ARN, ERROR, SHARD, Running, places, settle
from tests.unit.lambdas.mappings.house import House

MINUTE = MappingSettings(tumbling_window_s=60)
# The house's clock begins at 22:13:20, so a window of a minute ends in 40 s.
FIRST = {"start": "2023-11-14T22:13:00Z", "end": "2023-11-14T22:14:00Z"}
SECOND = {"start": "2023-11-14T22:14:00Z", "end": "2023-11-14T22:15:00Z"}


class Counting:
    """A function that carries the number of records through a window, and fails when it is told to."""

    def __init__(self, *answers: Reply | None) -> None:
        self.answers = list(answers)
        self.events: list[dict[str, Any]] = []

    async def __call__(self, event: bytes) -> Reply:
        told = orjson.loads(event)
        self.events.append(told)
        answer = self.answers.pop(0) if self.answers else None
        state = {"total": told["state"].get("total", 0) + len(told["Records"])}
        return answer or Reply(orjson.dumps({"state": state}), None, "request")

    @property
    def calls(self) -> list[tuple[list[int], int, bool]]:
        """The records of each call, the total before it, and whether it was the last of its window."""
        return [
            (places(event["Records"]), event["state"].get("total", 0), event["isFinalInvokeForWindow"])
            for event in self.events
        ]


def house_with(*answers: Reply | None) -> tuple[House, Counting]:
    house, function = House(), Counting(*answers)
    house.function = function  # type: ignore[assignment]
    return house, function


async def test_state_is_carried_from_call_to_call_and_the_window_ends_with_one_more() -> None:
    """Section 8, members of the event; "The final call may have no records"."""
    house, function = house_with()
    async with Running(house.worker(MINUTE).run):
        house.stream.put(2)
        await settle()
        house.stream.put(1)
        await settle()
        assert function.calls == [([1, 2], 0, False), ([3], 2, False)]
        await house.advance(40)
        assert len(function.calls) == 2  # a record of its last moment may be about to be committed
        await house.advance(1)
    assert function.calls[2:] == [([], 3, True)]
    last = function.events[2]
    assert last == {
        "Records": [],
        "window": FIRST,
        "state": {"total": 3},
        "shardId": SHARD,
        "eventSourceARN": ARN,
        "isFinalInvokeForWindow": True,
        "isWindowTerminatedEarly": False,
    }
    assert house.done() == 3


async def test_a_later_record_ends_the_window_and_begins_with_a_fresh_state() -> None:
    """Section 8: "Window bounds come from record timestamps"."""
    house, function = house_with()
    house.stream.put(2)
    house.clock.advance(45)
    house.stream.put(1)
    async with Running(house.worker(MINUTE).run):
        await settle()
    assert function.calls == [([1, 2], 0, False), ([], 2, True), ([3], 0, False)]
    assert [event["window"] for event in function.events] == [FIRST, FIRST, SECOND]


async def test_a_quiet_stream_has_no_windows() -> None:
    house, function = house_with()
    async with Running(house.worker(MINUTE).run):
        for _ in range(5):
            await house.advance(61)
    assert function.events == []


async def test_the_state_survives_a_restart() -> None:
    house, function = house_with()
    house.stream.put(2)
    async with Running(house.worker(MINUTE).run):
        pass
    house.clock.advance(120)
    async with Running(house.worker(MINUTE).run):
        pass
    assert function.calls == [([1, 2], 0, False), ([], 2, True)]
    assert function.events[1]["window"] == FIRST


@pytest.mark.parametrize("answer", [Reply(b"null", None, "r"), Reply(b'{"total":1}', None, "r"), ERROR])
async def test_a_call_without_a_state_has_failed(answer: Reply) -> None:
    """Section 8: "The response must hold `state`, else the call counts as failed"."""
    house, function = house_with(None, answer)
    house.stream.put(1)
    async with Running(house.worker(MINUTE).run):
        house.stream.put(1)
        await settle()
        assert house.done() == 1
        await house.advance(0.5)
    assert function.calls == [([1], 0, False), ([2], 1, False), ([2], 1, False)]


async def test_a_final_call_that_fails_holds_up_the_shard_until_it_succeeds() -> None:
    """Section 8, source: "if invocation is unsuccessful, your function suspends further processing"."""
    house, function = house_with(None, ERROR)
    house.stream.put(1)
    house.clock.advance(45)
    house.stream.put(1)
    async with Running(house.worker(MINUTE).run):
        assert function.calls == [([1], 0, False), ([], 1, True)]
        await house.advance(0.5)
    assert function.calls[2:] == [([], 1, True), ([2], 0, False)]


async def test_retry_limits_apply_to_the_final_call_too() -> None:
    house, function = house_with(None, ERROR, ERROR)
    house.stream.put(1)
    house.clock.advance(45)
    house.stream.put(1)
    async with Running(house.worker(MappingSettings(tumbling_window_s=60, maximum_retry_attempts=1)).run):
        await house.advance(0.5)
    assert [final for _, _, final in function.calls] == [False, True, True, False]
    assert house.kept == []  # there are no records to be kept
    assert house.done() == 2


async def test_a_batch_that_is_given_up_leaves_the_state_as_it_was() -> None:
    house, function = house_with(None, ERROR)
    house.stream.put(1)
    async with Running(house.worker(MappingSettings(tumbling_window_s=60, maximum_retry_attempts=0)).run):
        house.stream.put(1)
        await settle()
        await house.advance(41)
    assert function.calls == [([1], 0, False), ([2], 1, False), ([], 1, True)]
    assert [places(failed.batch.records) for failed in house.kept] == [[2]]


async def test_the_windows_of_a_closing_shard_end_early() -> None:
    """Section 8: "Resharding is not supported: windows of a closing shard are ended early"."""
    house, function = house_with()
    house.stream.put(1)
    house.stream.split(SHARD, "z-child")
    house.stream.put(1, "z-child")
    async with Running(house.worker(MINUTE).run):
        await settle()
    assert function.calls == [([1], 0, False), ([], 1, True), ([2], 0, False)]
    assert [event["isWindowTerminatedEarly"] for event in function.events] == [False, True, False]
    assert [event["shardId"] for event in function.events] == [SHARD, SHARD, "z-child"]


async def test_a_state_that_is_too_large_ends_the_window_early() -> None:
    """Section 8: "State is at most 1 MB per shard (larger ends the window early)"."""
    large = "x" * STATE_LIMIT_BYTES
    house, function = house_with(Reply(orjson.dumps({"state": {"text": large}}), None, "r"))
    house.stream.put(1)
    async with Running(house.worker(MINUTE).run):
        house.stream.put(1)
        await settle()
    first, last, fresh = function.events
    assert (first["isWindowTerminatedEarly"], last["isWindowTerminatedEarly"]) == (False, True)
    assert (last["Records"], last["isFinalInvokeForWindow"], last["state"]) == ([], True, {"text": large})
    assert (places(fresh["Records"]), fresh["state"], fresh["window"]) == ([2], {}, FIRST)


async def test_windows_and_batches_are_of_a_size() -> None:
    house, function = house_with()
    house.stream.put(5)
    house.clock.advance(45)
    house.stream.put(1)
    async with Running(house.worker(MappingSettings(tumbling_window_s=60, batch_size=2)).run):
        await settle()
    assert function.calls == [
        ([1, 2], 0, False),
        ([3, 4], 2, False),
        ([5], 4, False),
        ([], 5, True),
        ([6], 0, False),
    ]


async def test_bisecting_carries_the_state_through_the_halves() -> None:
    house, function = house_with(ERROR)
    house.stream.put(4)
    async with Running(house.worker(MappingSettings(tumbling_window_s=60, bisect_batch_on_function_error=True)).run):
        await house.advance(0.5)
    assert function.calls == [([1, 2, 3, 4], 0, False), ([1, 2], 0, False), ([3, 4], 2, False)]


async def test_without_windows_any_more_there_are_none() -> None:
    house, _ = house_with()
    house.stream.put(1)
    async with Running(house.worker(MINUTE).run):
        pass
    house.function = House().function
    house.stream.put(1)
    async with Running(house.worker().run):
        pass
    assert house.function.sent == [[2]]
    assert "window" not in house.function.events[0]


def test_windows_and_parallel_batches_do_not_go_together() -> None:
    with pytest.raises(MappingError, match="ParallelizationFactor has to be 1"):
        MappingSettings(tumbling_window_s=60, parallelization_factor=2)
