"""Keeps a shard's saved position close behind its work: one write at a time, each with all that was done meanwhile.

Not here: what the position is (`ledger.py`), where it is kept (`checkpoint.py`).
"""

import asyncio
from collections.abc import Awaitable, Callable

from everwarm.clock import Clock
from everwarm.lambdas.mappings.checkpoint import Position
from everwarm.lambdas.mappings.patience import until_done

# A filter may let next to nothing through: what it passes over is remembered in steps of this many records.
PASSED_OVER_STEP = 1000


class Saver:
    """Saves the position of one shard.

    Attributes:
        keeping_up: cleared while saving fails. Work that could not be remembered would only be repeated, so whoever
            is about to call the function waits for this.
    """

    def __init__(
        self,
        position: Callable[[], Position],
        save: Callable[[Position], Awaitable[None]],
        clock: Clock,
        stop: asyncio.Event,
    ) -> None:
        """
        Args:
            position: what there is to save now.
            save: makes it durable.
            clock: for the pauses after an error.
            stop: ends the trying.
        """
        self.keeping_up = asyncio.Event()
        self.keeping_up.set()
        self._position = position
        self._save = save
        self._clock = clock
        self._stop = stop
        self._due = asyncio.Event()
        self._saved = position()
        self._passed_over = 0

    def moved(self) -> None:
        """There is more to remember."""
        self._due.set()

    def passed_over(self, records: int) -> None:
        """The position has moved past records that nobody had to do anything with."""
        self._passed_over += records
        if self._passed_over >= PASSED_OVER_STEP:
            self._due.set()

    async def run(self) -> None:
        """Save whenever there is something to, until cancelled."""
        while True:
            await self._due.wait()
            self._due.clear()
            await self.flush()

    async def flush(self) -> None:
        """Save now what has not been saved."""
        self._passed_over = 0
        position = self._position()
        if position == self._saved:
            return

        async def save() -> None:
            nonlocal position
            position = self._position()
            try:
                await self._save(position)
            except BaseException:
                self.keeping_up.clear()
                raise
            self._saved = position
            self.keeping_up.set()

        await until_done(save, "saving a position", self._clock, self._stop)
