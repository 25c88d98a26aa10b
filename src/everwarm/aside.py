"""A call that blocks, in a thread of its own that nobody waits for when the process ends.

asyncio's own threads are waited for at the end, however long a server that is asked keeps silent.
"""

import asyncio
import contextlib
import threading
from collections.abc import Callable
from functools import partial
from typing import TypeVar

T = TypeVar("T")


async def aside(call: Callable[[], T]) -> T:
    """Run it beside the event loop, and return what it returns, when it has.

    Raises:
        Exception: whatever the call raised.
    """
    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.create_future()

    def settle(how: Callable[[], None]) -> None:
        if not done.cancelled():
            how()

    def run() -> None:
        try:
            how = partial(done.set_result, call())
        except Exception as raised:
            how = partial(done.set_exception, raised)
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody wants to know any more
            loop.call_soon_threadsafe(settle, how)

    threading.Thread(target=run, name="everwarm-aside", daemon=True).start()
    return await done
