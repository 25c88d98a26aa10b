"""A call that blocks, in a thread of its own that nobody waits for when the process ends.

asyncio's own threads are waited for at the end, however long a server that is asked keeps silent.
"""

import asyncio
import contextlib
import threading
from collections.abc import Callable


async def aside(call: Callable[[], None]) -> None:
    """Run it beside the event loop, and return when it has.

    Raises:
        Exception: whatever the call raised.
    """
    loop = asyncio.get_running_loop()
    done: asyncio.Future[None] = loop.create_future()

    def settle(error: Exception | None) -> None:
        if done.cancelled():
            return
        if error is None:
            done.set_result(None)
        else:
            done.set_exception(error)

    def run() -> None:
        error: Exception | None = None
        try:
            call()
        except Exception as raised:
            error = raised
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody wants to know any more
            loop.call_soon_threadsafe(settle, error)

    threading.Thread(target=run, name="everwarm-aside", daemon=True).start()
    await done
