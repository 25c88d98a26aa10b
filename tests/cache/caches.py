"""What the tests of whole caches have in common."""

import time
from collections.abc import Callable
from typing import Any

from everwarm import Cache

Make = Callable[..., Cache]
"""Makes a cache on the backend under test; all of a test are on one table, unless it says another."""

WAIT_S = 20.0


def until(holds: Callable[[], bool]) -> None:
    """Wait for what is done in the background."""
    give_up_at = time.monotonic() + WAIT_S
    while not holds():
        assert time.monotonic() < give_up_at, "what was waited for has not come"
        time.sleep(0.002)


class Source:
    """A loader that counts how often it was asked, and fails when it is told to."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.error: Exception | None = None

    def __call__(self, key: str) -> dict[str, Any]:
        self.asked.append(key)
        if self.error is not None:
            raise self.error
        return {"key": key, "number": len(self.asked)}
