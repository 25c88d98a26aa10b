"""Coroutines that threads wait for, at the moment when the cache is closed on the event loop where they run."""

import asyncio
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from typing import Any

import pytest

from everwarm.cache.background import Coroutines
from everwarm.cache.loader import Abandoned

WAIT_S = 20


async def test_what_has_begun_but_is_not_noted_yet_is_cancelled_too(monkeypatch: pytest.MonkeyPatch) -> None:
    coroutines, loop, begun = Coroutines(), asyncio.get_running_loop(), threading.Event()
    begin = asyncio.run_coroutine_threadsafe

    async def load() -> None:
        begun.set()
        await asyncio.sleep(WAIT_S)

    def begin_slowly(coroutine: Coroutine[Any, Any, Any], loop: asyncio.AbstractEventLoop) -> Future[Any]:
        future: Future[Any] = begin(coroutine, loop)
        assert begun.wait(WAIT_S)
        threading.Event().wait(0.05)  # by now the event loop has gone on to close the cache
        return future

    monkeypatch.setattr(asyncio, "run_coroutine_threadsafe", begin_slowly)
    waiting = asyncio.create_task(asyncio.to_thread(_outcome, coroutines, load(), loop))
    while not begun.is_set():
        await asyncio.sleep(0)
    coroutines.leave()
    assert isinstance(await asyncio.wait_for(waiting, WAIT_S), Abandoned)


async def test_nothing_begins_on_an_event_loop_that_has_closed_the_cache() -> None:
    coroutines, loop = Coroutines(), asyncio.get_running_loop()
    coroutines.leave()
    assert isinstance(await asyncio.to_thread(_outcome, coroutines, asyncio.sleep(0), loop), Abandoned)


def _outcome(coroutines: Coroutines, coroutine: Coroutine[Any, Any, Any], loop: asyncio.AbstractEventLoop) -> object:
    try:
        return coroutines.wait_for(coroutine, loop)
    except Exception as error:
        return error
