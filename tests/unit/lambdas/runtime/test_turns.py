import asyncio

import pytest

from everwarm.errors import Throttled
from everwarm.lambdas.runtime.turns import Turns


async def take_all(turns: Turns, count: int, order: list[int]) -> list["asyncio.Task[None]"]:
    async def take(n: int) -> None:
        await turns.take()
        order.append(n)

    tasks = [asyncio.create_task(take(n)) for n in range(count)]
    await asyncio.sleep(0)
    return tasks


async def test_the_first_come_first() -> None:
    turns, order = Turns(2), list[int]()
    await take_all(turns, 5, order)
    assert (order, turns.taken, turns.waiting) == ([0, 1], 2, 3)
    for _ in range(3):
        turns.give_back()
        await asyncio.sleep(0)
    assert order == [0, 1, 2, 3, 4]


async def test_a_higher_limit_lets_those_in_who_wait() -> None:
    turns, order = Turns(1), list[int]()
    await take_all(turns, 3, order)
    turns.change(3)
    await asyncio.sleep(0)
    assert order == [0, 1, 2]


async def test_a_lower_limit_holds_when_turns_are_given_back() -> None:
    turns, order = Turns(2), list[int]()
    await take_all(turns, 3, order)
    turns.change(1)
    turns.give_back()
    await asyncio.sleep(0)
    assert order == [0, 1]
    turns.give_back()
    await asyncio.sleep(0)
    assert order == [0, 1, 2]


async def test_who_gives_up_waiting_takes_no_turn() -> None:
    turns, order = Turns(1), list[int]()
    _, second, _ = await take_all(turns, 3, order)
    second.cancel()
    await asyncio.sleep(0)
    turns.give_back()
    await asyncio.sleep(0)
    assert order == [0, 2]


async def test_who_gives_up_in_the_moment_before_a_turn_is_passed_over() -> None:
    turns, order = Turns(1), list[int]()
    _, second, _ = await take_all(turns, 3, order)
    second.cancel()
    turns.give_back()
    with pytest.raises(asyncio.CancelledError):
        await second
    assert (order, turns.taken, turns.waiting) == ([0, 2], 1, 0)


async def test_a_turn_that_comes_too_late_goes_on() -> None:
    turns, order = Turns(1), list[int]()
    _, second, _ = await take_all(turns, 3, order)
    turns.give_back()
    second.cancel()
    for _ in range(3):
        await asyncio.sleep(0)
    assert order == [0, 2]


async def test_those_who_wait_can_be_refused() -> None:
    turns, order = Turns(1), list[int]()
    _, second = await take_all(turns, 2, order)
    turns.refuse(Throttled("none any more", "Reason"))
    with pytest.raises(Throttled, match="none any more"):
        await second
    assert (turns.taken, turns.waiting) == (1, 0)
