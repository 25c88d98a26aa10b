import asyncio
import threading

import pytest

from everwarm.aside import aside


async def test_the_loop_goes_on_meanwhile() -> None:
    asked, answered = threading.Event(), threading.Event()

    def call() -> None:
        asked.set()
        assert answered.wait(10)

    waiting = asyncio.ensure_future(aside(call))
    while not asked.is_set():
        await asyncio.sleep(0)
    assert not waiting.done()
    answered.set()
    await waiting


async def test_what_it_raises_is_raised() -> None:
    def call() -> None:
        raise KeyError("x")

    with pytest.raises(KeyError):
        await aside(call)


def test_nobody_waits_for_it_at_the_end() -> None:
    for_ever = threading.Event()

    async def main() -> None:
        waiting = asyncio.ensure_future(aside(lambda: void(for_ever.wait(30))))
        await asyncio.sleep(0)
        waiting.cancel()

    def void(_: object) -> None:
        """Its answer is nobody's."""

    asyncio.run(main())
    (thread,) = (thread for thread in threading.enumerate() if thread.name == "everwarm-aside")
    for_ever.set()
    thread.join()
